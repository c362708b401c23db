-- A GET that is always answered alike: nothing is called while it is asked. What is counted is told
-- at the end; wrong are answers above 399, and connections that failed.
function done(summary)
  local failed = summary.errors
  io.write(string.format("counted %d bytes %d micros %d wrong %d\n",
    summary.requests, summary.bytes, summary.duration,
    failed.status + failed.connect + failed.read + failed.write + failed.timeout))
end
