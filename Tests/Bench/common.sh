# What the figures share: servers to start and stop, CPU time, load, medians, the printed line. Sourced by
# Scripts/bench, which sets $work (a directory of this run), $runs, $seconds, $throughline and $full.

export BENCH=$PWD/Tests/Bench
started=()

free_port() { "$python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# Waits until a command succeeds, 20 s at most.
wait_until() {
  local i
  for ((i = 0; i < 200; i++)); do
    "$@" >/dev/null 2>&1 && return 0
    sleep 0.1
  done
  echo "bench: waited 20 s in vain for: $*" >&2
  return 1
}

# Starts Throughline on a data directory of its own; sets $pid, $url, $directory, $write_key and $shop_key.
start_throughline() {
  local data
  data=$(mktemp -d "$work/data.XXXXXX")
  directory=$data
  write_key=$("$throughline" source create --name bench --channel web --trust verified --data "$data")
  shop_key=$("$throughline" key create --role storefront --name bench --data "$data")
  "$throughline" serve --data "$data" --port 0 >"$data.out" 2>"$data.err" &
  pid=$! && started+=("$pid")
  wait_until grep -q '^listening on ' "$data.out" || { tail -n 5 "$data.err" >&2 && return 1; }
  url=$(sed -n 's/^listening on //p' "$data.out" | head -n 1)
}

# Starts nginx answering every request with a constant of $1 bytes; sets $pid and $url.
start_nginx() {
  local home port
  home=$(mktemp -d "$work/nginx.XXXXXX")
  port=$(free_port)
  cat >"$home/nginx.conf" <<CONF
daemon off;
worker_processes $(nproc);
pid $home/pid;
error_log stderr crit;
events { worker_connections 4096; }
http {
  access_log off;
  keepalive_requests 1000000000;
  default_type application/json;
  client_body_temp_path $home/body; proxy_temp_path $home/proxy; fastcgi_temp_path $home/fastcgi;
  uwsgi_temp_path $home/uwsgi; scgi_temp_path $home/scgi;
  server {
    listen 127.0.0.1:$port reuseport;
    location / { return 200 '$(printf "%$1s" '' | tr ' ' x)'; }
  }
}
CONF
  PATH=$PATH:/usr/sbin nginx -p "$home" -c "$home/nginx.conf" -e stderr >"$home/out" 2>&1 &
  pid=$! && started+=("$pid") && url=http://127.0.0.1:$port
  wait_until curl -fs "$url"
}

# Starts PocketBase with a table of events that anybody may add to; sets $pid, $url and $pocketbase_home.
start_pocketbase() {
  local home tool=$PWD/.build/venv/bin/pocketbase token
  home=$(mktemp -d "$work/pocketbase.XXXXXX") && pocketbase_home=$home
  "$tool" superuser upsert bench@example.com bench-password --dir "$home" >/dev/null
  url=http://127.0.0.1:$(free_port)
  "$tool" serve --http "${url#http://}" --dir "$home" >"$home.out" 2>&1 &
  pid=$! && started+=("$pid")
  wait_until curl -fs "$url/api/health"
  token=$(curl -fs "$url/api/collections/_superusers/auth-with-password" -H 'Content-Type: application/json' \
    -d '{"identity": "bench@example.com", "password": "bench-password"}' \
    | "$python" -c 'import json, sys; print(json.load(sys.stdin)["token"])')
  curl -fs "$url/api/collections" -H "Authorization: $token" -H 'Content-Type: application/json' -d '{
    "name": "events", "type": "base", "createRule": "", "fields": [
      {"name": "messageId", "type": "text"}, {"name": "type", "type": "text"}, {"name": "event", "type": "text"},
      {"name": "userId", "type": "text"}, {"name": "anonymousId", "type": "text"}, {"name": "timestamp", "type": "date"},
      {"name": "properties", "type": "json"}, {"name": "context", "type": "json"}]}' >/dev/null
}

# Ends what was started: asks, and after 30 s says so and insists.
stop() {
  local one i
  for one in "$@"; do kill -TERM "$one" 2>/dev/null || true; done
  for one in "$@"; do
    for ((i = 0; i < 300; i++)); do kill -0 "$one" 2>/dev/null || continue 2; sleep 0.1; done
    echo "bench: process $one did not stop within 30 s" >&2
    kill -KILL "$one" 2>/dev/null || true
  done
}

# Microseconds of CPU that a process and its children have used.
cpu_time() {
  local one total=0 fields tick
  tick=$((1000000 / $(getconf CLK_TCK)))
  for one in $1 $(cat "/proc/$1/task/$1/children"); do
    fields=($(sed 's/.*) //' "/proc/$one/stat")) # after the name: utime and stime are the 12th and 13th
    total=$((total + fields[11] + fields[12]))
  done
  echo $((total * tick))
}

# Runs wrk against a server and sets $rate (requests a second), $cost (CPU microseconds each), $p50 and $p99 (ms).
# A refused or broken request spoils the figure, so it ends the bench.
load() {
  local server=$1 before after result refused broken requests elapsed
  shift
  before=$(cpu_time "$server")
  result=$(wrk "$@" | grep '^RESULT ')
  after=$(cpu_time "$server")
  read -r _ requests elapsed refused broken p50 p99 <<<"$result"
  if ((requests == 0 || refused || broken)); then
    echo "bench: of $requests requests $refused were refused and $broken broken: wrk $*" >&2
    return 1
  fi
  rate=$(calculate "$requests / $elapsed * 1000000") cost=$(calculate "($after - $before) / $requests")
  p50=$(calculate "$p50 / 1000") p99=$(calculate "$p99 / 1000")
}

# Posts a batch by hand before measuring: every event of it must have been accepted.
must_accept() {
  local answer
  answer=$(curl -fsS "$1/v1/batch" -u "$2:" -H 'Content-Type: application/json' -d '{"batch": [
    {"type": "identify", "userId": "first", "messageId": "bench-first", "traits": {"email": "first@example.com"}}]}')
  grep -q '"accepted"' <<<"$answer" || { echo "bench: not accepted: $answer" >&2 && return 1; }
}

# The header that proves the bearer of a write key.
basic() { echo "Basic $(printf '%s:' "$1" | base64 -w 0)"; }

# Fills a server with users 1 to $3, an identify each, in batches.
fill() {
  local result requests refused broken
  result=$(AUTHORIZATION=$(basic "$2") FIRST=1 LAST=$3 BATCH=100 \
    wrk -t1 -c8 -d1h -s "$BENCH/events.lua" "$1" | grep '^RESULT ' || true)
  read -r _ requests _ refused broken _ <<<"$result"
  ((${requests:-0} >= $3 / 100 && refused == 0 && broken == 0)) || { echo "bench: filling failed: $result" >&2 && return 1; }
}

calculate() { awk "BEGIN { printf(\"%.6g\", ($1)) }"; }
median() {
  tr ' ' '\n' <<<"$*" | sort -g \
    | awk '{ v[NR] = $1 } END { printf("%.6g", (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2) }'
}

# Compares a value with its line of the thresholds, if it has one; counts what is below in $below.
judge() {
  local relation limit
  read -r _ relation limit < <(grep -E "^${1//./\\.} " "$BENCH/thresholds") || return 0
  if (($(calculate "$2 $relation $limit"))); then echo " [${1##*.} $relation $limit: ok]"; else
    echo " [${1##*.} $relation $limit: BELOW]" && return 1
  fi
}

# Prints a figure: name, value, unit, then optionally ratio, yardstick (text), CPU each (text: "26 us/event").
figure() {
  local name=$1 value=$2 unit=$3 ratio=${4:-} yardstick=${5:-} cpu=${6:-} line
  line=$(printf '%-22s %10.4g %s' "$name" "$value" "$unit")
  [[ -z $ratio ]] || line+=$(printf '  %.3g × %s' "$ratio" "$yardstick")
  [[ -z $cpu ]] || line+="  CPU $cpu"
  line+=$(judge "$name" "$value") || below=$((below + 1))
  [[ -z $ratio ]] || line+=$(judge "$name.ratio" "$ratio") || below=$((below + 1))
  [[ -z $cpu ]] || line+=$(judge "$name.cpu" "${cpu%% *}") || below=$((below + 1))
  echo "$line"
}
thousands() { calculate "$(median "$@") / 1000"; }
