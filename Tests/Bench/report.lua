-- What every load prints when it ends, on one line for the scripts:
-- RESULT requests microseconds refused broken p50 p99 (the last two in microseconds)
function done(summary, latency)
  local e = summary.errors
  io.write(string.format("RESULT %d %d %d %d %d %d\n", summary.requests, summary.duration, e.status,
    e.connect + e.read + e.write + e.timeout, latency:percentile(50), latency:percentile(99)))
end
