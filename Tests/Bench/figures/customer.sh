# Figures of reading customers. Sourced by Scripts/bench.

# The whole picture of a customer with about 50 events, by a storefront's key, whose reads wait for no commit: latency of
# one read after another with the writer idle, and while 10,000 events a second come in, in turns; and how many reads a
# second two connections get, which takes all that two cores have.
bench_customer.read() {
  local users=1000 i idle=() idle_p99=() loaded=() loaded_p99=() rates=() costs=() arrivals=() writer events reading=(-t1)
  start_throughline
  must_accept "$url" "$write_key"
  fill "$url" "$write_key" $users
  export USERS=$users AUTHORIZATION
  AUTHORIZATION=$(basic "$write_key")
  RATE=10000 BATCH=100 wrk -t1 -c8 -d5s -s "$BENCH/events.lua" "$url" >/dev/null
  reading+=(-d"${seconds}s" -s "$BENCH/customers.lua" "$url")
  for ((i = 0; i < runs; i++)); do
    sleep 1
    AUTHORIZATION="Bearer $shop_key" load "$pid" -c1 "${reading[@]}"
    idle+=("$p50") idle_p99+=("$p99")
    AUTHORIZATION="Bearer $shop_key" load "$pid" -c2 "${reading[@]}"
    rates+=("$rate") costs+=("$cost")
    RATE=10000 BATCH=100 wrk -t1 -c8 -d"$((seconds + 1))s" -s "$BENCH/events.lua" "$url" >"$work/writer" &
    writer=$! && started+=("$writer")
    sleep 0.5
    AUTHORIZATION="Bearer $shop_key" load "$pid" -c1 "${reading[@]}"
    loaded+=("$p50") loaded_p99+=("$p99")
    wait "$writer"
    events=$(awk '/^RESULT/ { printf "%d", $2 * 100 / ($3 / 1000000) }' "$work/writer")
    arrivals+=("$events")
    ((events > 9000)) || echo "bench: only $events events a second came in during the reads" >&2
  done
  figure customer.read.rate "$(median "${rates[@]}")" "reads/s by two connections" "" "" "$(median "${costs[@]}") us/read"
  figure customer.read.idle.p50 "$(median "${idle[@]}")" "ms"
  figure customer.read.idle.p99 "$(median "${idle_p99[@]}")" ms
  figure customer.read.loaded.p50 "$(median "${loaded[@]}")" "ms ($(median "${arrivals[@]}") events/s coming in)"
  figure customer.read.loaded.p99 "$(median "${loaded_p99[@]}")" ms
}

# The profile and 50 events of a customer in one request, by two connections, while 500 events a second come in, against
# PocketBase answering the same of its records in one request under the same writes; in turns.
bench_customer.picture() {
  local users=${CUSTOMERS:-200} i ours=() theirs=() ratios=() own_p99=() their_p99=() p99_ratios=() costs=() their_costs=()
  local server address yardstick yardstick_address
  start_throughline
  server=$pid address=$url
  start_pocketbase
  yardstick=$pid yardstick_address=$url
  "$python" "$BENCH/pictures.py" "$address" "$write_key" "$yardstick_address" "$users"
  export USERS=$users AUTHORIZATION BATCH=0 RATE=500
  for ((i = 0; i < runs; i++)); do
    AUTHORIZATION=$(basic "$write_key") USERS=100000 beside "$address" load_pictures "$server" "$address"
    ours+=("$rate") own_p99+=("$p99") costs+=("$cost")
    STYLE=record AUTHORIZATION='' USERS=100000 beside "$yardstick_address" load_pictures "$yardstick" "$yardstick_address"
    theirs+=("$rate") their_p99+=("$p99") their_costs+=("$cost")
    ratios+=("$(calculate "${ours[i]} / ${theirs[i]}")")
    p99_ratios+=("$(calculate "${own_p99[i]} / ${their_p99[i]}")")
  done
  figure customer.picture "$(median "${ours[@]}")" "reads/s" "$(median "${ratios[@]}")" \
    "PocketBase ($(median "${theirs[@]}") reads/s, CPU $(median "${their_costs[@]}") us)" "$(median "${costs[@]}") us/read"
  figure customer.picture.p99 "$(median "${own_p99[@]}")" ms "$(median "${p99_ratios[@]}")" \
    "PocketBase ($(median "${their_p99[@]}") ms)"
}

# Runs a load while events are written to a server at RATE, as the environment says how.
beside() {
  local target=$1 writer events
  shift
  wrk -t1 -c8 -d"$((seconds + 2))s" -s "$BENCH/events.lua" "$target" >"$work/writer" &
  writer=$! && started+=("$writer")
  sleep 1
  "$@"
  wait "$writer"
  events=$(awk '/^RESULT/ { printf "%d", $2 / ($3 / 1000000) }' "$work/writer")
  ((events > RATE * 9 / 10)) || echo "bench: only $events events a second came in during the reads" >&2
}

load_pictures() {
  USERS=${CUSTOMERS:-200} AUTHORIZATION="Bearer $shop_key" load "$1" -t1 -c2 -d"${seconds}s" -s "$BENCH/customers.lua" "$2"
}
