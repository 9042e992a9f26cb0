-- Prints what wrk measured as a line of JSON: times in microseconds.

function done(summary, latency)
  local errors = summary.errors
  io.write(("RESULT {\"requests\": %d, \"duration\": %d, \"status\": %d, \"socket\": %d, " ..
    "\"timeout\": %d, \"p50\": %d, \"p90\": %d, \"p99\": %d, \"max\": %d}\n"):format(
    summary.requests, summary.duration, errors.status,
    errors.connect + errors.read + errors.write, errors.timeout,
    latency:percentile(50), latency:percentile(90), latency:percentile(99), latency.max))
end
