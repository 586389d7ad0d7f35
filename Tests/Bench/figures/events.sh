# Figures of durable events. Sourced by Scripts/bench.

# Rows a second of raw SQLite from C: sets $rate and $sync, the disk's fdatasync in microseconds.
raw_sqlite() {
  local home
  [[ -x $work/raw-sqlite ]] || gcc -O2 "$BENCH/raw-sqlite.c" -o "$work/raw-sqlite" -lsqlite3
  home=$(mktemp -d "$work/raw.XXXXXX")
  read -r rate sync < <("$work/raw-sqlite" "$home/rows" "$seconds")
  rm -rf "$home"
}

# Posts batches to a server, AUTHORIZATION in the environment; sets $rate to events a second and $cost to CPU an event.
load_batches() {
  local pid=$1 address=$2 users=$3
  USERS=$users BATCH=100 load "$pid" -t1 -c8 -d"${seconds}s" -s "$BENCH/events.lua" "$address"
  rate=$(calculate "$rate * 100") cost=$(calculate "$cost / 100")
}

# The yardstick by itself: 500-byte rows, integer key, 1000 a transaction, synchronous=FULL.
bench_events.raw() {
  local rates=() syncs=() i
  for ((i = 0; i < runs; i++)); do
    raw_sqlite
    rates+=("$rate") syncs+=("$sync")
  done
  figure events.raw "$(thousands "${rates[@]}")" "k rows/s (fdatasync $(median "${syncs[@]}") us)"
}

# Batches of 100 events over 8 connections, end to end, acknowledged durable, by users who are there already.
bench_events.batch() {
  local ours=() theirs=() ratios=() costs=() syncs=() i users=$((full ? 1000000 : 100000))
  start_throughline
  must_accept "$url" "$write_key"
  fill "$url" "$write_key" "$users"
  for ((i = 0; i < runs; i++)); do
    AUTHORIZATION=$(basic "$write_key") load_batches "$pid" "$url" "$users"
    ours+=("$rate") costs+=("$cost")
    raw_sqlite
    theirs+=("$rate") syncs+=("$sync")
    ratios+=("$(calculate "${ours[i]} / ${theirs[i]}")")
  done
  figure events.batch "$(thousands "${ours[@]}")" "k events/s ($users customers)" "$(median "${ratios[@]}")" \
    "raw SQLite in C ($(thousands "${theirs[@]}") k rows/s, fdatasync $(median "${syncs[@]}") us)" \
    "$(median "${costs[@]}") us/event"
}

# One event a request over 32 connections, acknowledged durable, by users who are there already, against PocketBase
# storing the same one as a record.
bench_events.single() {
  local ours=() theirs=() ratios=() costs=() their_costs=() i server address yardstick yardstick_address
  start_throughline
  server=$pid address=$url
  must_accept "$url" "$write_key"
  fill "$url" "$write_key" 100000
  start_pocketbase
  yardstick=$pid yardstick_address=$url
  export AUTHORIZATION BATCH=0
  AUTHORIZATION=$(basic "$write_key")
  for ((i = 0; i < runs; i++)); do
    load "$server" -t1 -c32 -d"${seconds}s" -s "$BENCH/events.lua" "$address"
    ours+=("$rate") costs+=("$cost")
    AUTHORIZATION='' STYLE=record load "$yardstick" -t1 -c32 -d"${seconds}s" -s "$BENCH/events.lua" "$yardstick_address"
    theirs+=("$rate") their_costs+=("$cost")
    ratios+=("$(calculate "${ours[i]} / ${theirs[i]}")")
  done
  figure events.single "$(thousands "${ours[@]}")" "k events/s" "$(median "${ratios[@]}")" \
    "PocketBase ($(thousands "${theirs[@]}") k/s, CPU $(median "${their_costs[@]}") us)" "$(median "${costs[@]}") us/event"
}

# How many times an event costs more CPU and time with many customers than with few: two servers, in turns.
bench_events.growth() {
  local few=100000 many=$((full ? 5000000 : 1000000)) i times=() growths=() costs=() servers=() addresses=() keys=() count
  for count in $few $many; do
    start_throughline
    servers+=("$pid") addresses+=("$url") keys+=("$write_key")
    must_accept "$url" "$write_key"
    fill "$url" "$write_key" "$count"
  done
  for ((i = 0; i < runs; i++)); do
    AUTHORIZATION=$(basic "${keys[0]}") load_batches "${servers[0]}" "${addresses[0]}" $few
    local few_rate=$rate few_cost=$cost
    AUTHORIZATION=$(basic "${keys[1]}") load_batches "${servers[1]}" "${addresses[1]}" $many
    times+=("$(calculate "$few_rate / $rate")") growths+=("$(calculate "$cost / $few_cost")") costs+=("$cost")
  done
  figure events.growth "$(median "${growths[@]}")" \
    "× CPU an event, $(median "${times[@]}") × time ($few to $many customers)" "" "" "$(median "${costs[@]}") us/event"
}
