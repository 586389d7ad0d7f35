# Figures of a shop: carts, stock, the catalogue. Sourced by Scripts/bench.

# Starts Throughline with so many articles and stores; sets $owner_key too.
start_shop() {
  start_throughline
  owner_key=$("$throughline" key create --role owner --holder machine --name owner --data "$directory")
  must_accept "$url" "$write_key"
  "$python" "$BENCH/shop.py" goods "$url" "$owner_key" "$1" "$2"
}

# Carts of three lines, priced and looked up in a store's stock on each answer. Latency of 1,000 reads and 1,000 changes a
# second side by side; then as many as 32 connections get, half of them reads and half changes, against PocketBase with
# the same carts, lines and articles as records of its own and answering the same in one request; in turns.
bench_cart() {
  local users=$((full ? 1000000 : 100000)) carts=${CARTS:-20000} i server address yardstick yardstick_address reader
  local goods=$((full ? 100000 : ${GOODS:-100000})) reads=() read_p99=() changes=() change_p99=() ours=() theirs=()
  local ratios=() costs=() their_costs=()
  start_shop "$goods" 200
  server=$pid address=$url
  fill "$address" "$write_key" "$users"
  "$python" "$BENCH/shop.py" carts "$address" "$write_key" "$carts" "$goods"
  start_pocketbase
  yardstick=$pid yardstick_address=$url
  "$python" "$BENCH/shop.py" records "$yardstick_address" "$pocketbase_home/data.db" "$carts" "$goods"
  export USERS=$carts GOODS=$goods AUTHORIZATION="Bearer $shop_key"
  for ((i = 0; i < runs; i++)); do
    RATE=1000 STYLE=read wrk -t1 -c16 -d"$((seconds + 1))s" -s "$BENCH/shop.lua" "$address" >"$work/reader" &
    reader=$! && started+=("$reader")
    RATE=1000 STYLE=change load "$server" -t1 -c16 -d"${seconds}s" -s "$BENCH/shop.lua" "$address"
    changes+=("$p50") change_p99+=("$p99")
    held "$rate"
    wait "$reader"
    read -r _ requests elapsed refused broken p50 p99 < <(grep '^RESULT ' "$work/reader")
    ((refused + broken == 0)) || { echo "bench: $refused reads were refused and $broken broken" >&2 && return 1; }
    reads+=("$(calculate "$p50 / 1000")") read_p99+=("$(calculate "$p99 / 1000")")
    held "$(calculate "$requests / $elapsed * 1000000")"
    STYLE=mixed load "$server" -t1 -c32 -d"${seconds}s" -s "$BENCH/shop.lua" "$address"
    ours+=("$rate") costs+=("$cost")
    RECORD=1 AUTHORIZATION='' STYLE=mixed load "$yardstick" -t1 -c32 -d"${seconds}s" -s "$BENCH/shop.lua" "$yardstick_address"
    theirs+=("$rate") their_costs+=("$cost")
    ratios+=("$(calculate "${ours[i]} / ${theirs[i]}")")
  done
  figure cart.read.p50 "$(median "${reads[@]}")" "ms (2000 requests/s, half of them changes; $users customers, $goods articles, 200 stores)"
  figure cart.read.p99 "$(median "${read_p99[@]}")" ms
  figure cart.change.p50 "$(median "${changes[@]}")" ms
  figure cart.change.p99 "$(median "${change_p99[@]}")" ms
  figure cart.mixed "$(median "${ours[@]}")" "requests/s" "$(median "${ratios[@]}")" \
    "PocketBase ($(median "${theirs[@]}") requests/s, CPU $(median "${their_costs[@]}") us)" "$(median "${costs[@]}") us/request"
}

# Says so where a load that is to be held at 1,000 a second was not.
held() { (($(calculate "$1 > 900"))) || echo "bench: only ${1%.*} of 1000 requests a second were sent" >&2; }

# One unit and 200 who order it at once, each over a connection of his own: until the last one has his answer. Exactly one
# gets it.
bench_stock.race() {
  local times=() i
  start_shop 1 1
  for ((i = 0; i < runs; i++)); do
    times+=("$("$python" "$BENCH/shop.py" race "$url" "$owner_key" "$write_key" 200 "$i")")
  done
  figure stock.race "$(median "${times[@]}")" "ms until 200 buyers of one unit are answered"
}

# Where an article is, over 200 stores that all have it, the nearest first, one question after another.
bench_stock.availability() {
  local goods=100 i p50s=() p99s=() costs=()
  start_shop "$goods" 200
  "$python" "$BENCH/shop.py" shelves "$url" "$owner_key" "$goods" 200
  export STYLE=shelves GOODS=$goods AUTHORIZATION="Bearer $shop_key"
  for ((i = 0; i < runs; i++)); do
    load "$pid" -t1 -c1 -d"${seconds}s" -s "$BENCH/shop.lua" "$url"
    p50s+=("$p50") p99s+=("$p99") costs+=("$cost")
  done
  figure stock.availability.p50 "$(median "${p50s[@]}")" "ms (200 stores)" "" "" "$(median "${costs[@]}") us/question"
  figure stock.availability.p99 "$(median "${p99s[@]}")" ms
}

# 100,000 articles stored in lists of 10,000, first as new ones and then changed, the slowest of three times; and what 500
# reads of carts a second wait meanwhile.
bench_catalogue.upsert() {
  local goods=${GOODS:-100000} i times=() p50s=() p99s=() reader took
  start_shop 1000 1
  fill "$url" "$write_key" 1000
  "$python" "$BENCH/shop.py" carts "$url" "$write_key" 1000 1000
  export USERS=1000 AUTHORIZATION="Bearer $shop_key"
  for ((i = 0; i < 3; i++)); do
    RATE=500 STYLE=read GOODS=1000 wrk -t1 -c4 -d1h -s "$BENCH/shop.lua" "$url" >"$work/reader" &
    reader=$! && started+=("$reader")
    took=$("$python" "$BENCH/shop.py" upsert "$url" "$owner_key" "$goods" "$i")
    kill -INT "$reader" && wait "$reader"
    read -r _ requests elapsed refused broken p50 p99 < <(grep '^RESULT ' "$work/reader")
    ((refused + broken == 0)) || { echo "bench: $refused reads were refused and $broken broken" >&2 && return 1; }
    times+=("$took") p50s+=("$(calculate "$p50 / 1000")") p99s+=("$(calculate "$p99 / 1000")")
  done
  figure catalogue.upsert "$(printf '%s\n' "${times[@]}" | sort -g | tail -n 1)" "s for $goods articles, the slowest of ${times[*]}"
  figure catalogue.read.p50 "$(median "${p50s[@]}")" "ms meanwhile"
  figure catalogue.read.p99 "$(median "${p99s[@]}")" ms
}
