# Figures of the console. Sourced by Scripts/bench.

# Kilobytes of script and style that somebody loads with the first page, with the larger of the languages, before compression.
bench_console.size() {
  local home=Sources/CConsole/files file size total=0 language=0
  for file in "$home"/*.js "$home"/*.css; do
    size=$(stat -c %s "$file")
    case ${file##*/} in
      docs.*) ;;
      shop.* | goods.js | orders.js | points.js | traits.js | undo.js) ;; # loaded later, and bounded by ConsoleTests
      en.js | ru.js) ((language >= size)) || language=$size ;;
      *) total=$((total + size)) ;;
    esac
  done
  figure console.size "$(calculate "($total + $language) / 1000")" "kB of script and style"
}

# From the address of a customer with 100,000 events to the first page of his timeline, in a browser that has loaded
# nothing yet, on the same machine.
bench_console.paint() {
  local events=${EVENTS:-100000} agent times sent
  start_throughline
  agent=$("$throughline" key create --role agent --name bench --data "$directory")
  must_accept "$url" "$write_key"
  for ((sent = 0; sent < events; sent += 2000)); do
    curl -fsS "$url/v1/batch" -u "$write_key:" -H 'Content-Type: application/json' -d @<("$python" - "$sent" <<'PYTHON'
import json, sys
start = int(sys.argv[1])
print(json.dumps({"batch": [
    {"type": "track", "userId": "first", "event": "Product Viewed", "messageId": f"b-{n}", "properties": {"sku": f"SKU-{n}", "price": 129.9}}
    for n in range(start, start + 2000)]}))
PYTHON
    ) | grep -q '"accepted"' || { echo "bench: the customer's events were refused" >&2 && return 1; }
  done
  times=$("$python" "$BENCH/paint.py" "$url" "$agent" user_id%3Afirst "$runs")
  figure console.paint "$(median $times)" "ms to the first page ($events events)"
}
