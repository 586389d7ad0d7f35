# Figures of the HTTP floor. Sourced by Scripts/bench.

# GET on kept-alive connections through the real router, against nginx returning a constant of the same size.
bench_http.get() {
  local ours=() theirs=() ratios=() costs=() their_costs=() i server address yardstick yardstick_address
  start_throughline
  server=$pid address=$url
  start_nginx "$(curl -fs "$address/healthz" | wc -c)"
  yardstick=$pid yardstick_address=$url
  for ((i = 0; i < runs; i++)); do
    load "$server" -t2 -c64 -d"${seconds}s" -s "$BENCH/report.lua" "$address/healthz"
    ours+=("$rate") costs+=("$cost")
    load "$yardstick" -t2 -c64 -d"${seconds}s" -s "$BENCH/report.lua" "$yardstick_address/healthz"
    theirs+=("$rate") their_costs+=("$cost")
    ratios+=("$(calculate "${ours[i]} / ${theirs[i]}")")
  done
  figure http.get "$(thousands "${ours[@]}")" "k/s" "$(median "${ratios[@]}")" \
    "nginx ($(thousands "${theirs[@]}") k/s, CPU $(median "${their_costs[@]}") us)" "$(median "${costs[@]}") us/request"
}

# Memory of an idle connection after one request, of the server's own memory, each time in a fresh server.
bench_http.idle() {
  local each=() i count=5000 address most
  most=$(ulimit -H -n)
  ulimit -n "$most"
  [[ $most == unlimited ]] || ((most > count + 200)) || count=$((most - 200))
  for ((i = 0; i < runs; i++)); do
    start_throughline
    address=${url#http://}
    each+=("$("$python" "$BENCH/idle.py" "${address%:*}" "${address##*:}" "$pid" "$count")")
    stop "$pid"
  done
  figure http.idle "$(median "${each[@]}")" "bytes/connection ($count open)"
}
