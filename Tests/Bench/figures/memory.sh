# Figures of the memory of people: search, merges, and what a shop costs at rest. Sourced by Scripts/bench.

# From the start of the process to its first answer, and what it then holds: a shop of 200 people, after a minute's use.
bench_shop() {
  local data=$work/shop till_key start ready rest=() starts=() i
  "$throughline" demo --scale 200 --data "$data" >/dev/null
  till_key=$("$throughline" key create --role store --holder machine --name bench --data "$data")
  for ((i = 0; i < runs; i++)); do
    rm -f "$data.out"
    start=$(date +%s%N)
    "$throughline" serve --data "$data" --port 0 >"$data.out" 2>"$data.err" &
    pid=$! && started+=("$pid")
    until url=$(grep -m 1 -oP '^listening on \K.*' "$data.out" 2>/dev/null) && curl -fs "$url/readyz" >/dev/null; do
      sleep 0.005
    done
    ready=$(date +%s%N)
    starts+=("$(calculate "($ready - $start) / 1000000")")
    curl -fs -H "Authorization: Bearer $till_key" "$url/v1/customers?q=anna" >/dev/null
    sleep "$seconds"
    rest+=("$(awk '/^VmRSS:/ { printf "%.1f", $2 / 1024 }' "/proc/$pid/status")")
    stop "$pid"
  done
  figure shop.start "$(median "${starts[@]}")" "ms to ready"
  figure shop.rest "$(median "${rest[@]}")" "MiB resident after a search and ${seconds} s of rest"
}

# A merge and its undo with 100,000 events a side, and what a write beside them waits.
bench_merge() {
  local agent_key merge undo alone beside
  start_throughline
  agent_key=$("$throughline" key create --role agent --name bench --data "$directory")
  read -r _ merge _ undo _ alone _ beside < <("$python" "$BENCH/merges.py" "$url" "$write_key" "$agent_key" "$seconds")
  figure merge.p99 "$merge" "ms (100000 events a side)"
  figure merge.undo.p99 "$undo" ms
  figure merge.beside "$(calculate "$beside / $alone")" "× p99 of a write beside merges ($beside ms; alone $alone ms)"
}

# Searches of every kind among many customers, one after another, the writer idle: the slowest kind's p99.
bench_search() {
  local users=$((full ? 1000000 : 100000)) till_key kind p50 p99 worst=0
  start_throughline
  till_key=$("$throughline" key create --role store --holder machine --name till --data "$directory")
  fill "$url" "$write_key" "$users"
  while read -r kind p50 p99; do
    figure "search.$kind" "$p99" "ms p99 (p50 $p50 ms, $users customers)"
    worst=$(calculate "$worst > $p99 ? $worst : $p99")
  done < <("$python" "$BENCH/searches.py" "$url" "$till_key" "$users" "$seconds")
  figure search.p99 "$worst" "ms of the slowest kind"
}
