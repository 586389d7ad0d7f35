# The figure of the JSON scanner. Sourced by Scripts/bench.

# Checking an event of 1 KB, and taking nine fields from it too, against Foundation's JSONDecoder taking those nine.
bench_json() {
  local scans=() picks=() decoders=() ratios=() pick_ratios=() i scan pick decoder
  Tests/Bench/json/build "$work/json"
  for ((i = 0; i < runs; i++)); do
    read -r _ scan _ pick _ decoder < <("$work/json" "$seconds")
    scans+=("$scan") picks+=("$pick") decoders+=("$decoder")
    ratios+=("$(calculate "$decoder / $scan")") pick_ratios+=("$(calculate "$decoder / $pick")")
  done
  figure json.scan "$(thousands "${scans[@]}")" us/event "$(median "${ratios[@]}")" \
    "as fast as JSONDecoder with 9 fields ($(thousands "${decoders[@]}") us)"
  figure json.fields "$(thousands "${picks[@]}")" us/event "$(median "${pick_ratios[@]}")" "as fast as the same"
}
