-- What every script shares: a clock, counts, and a way to report them. One thread runs each.
local ffi = require("ffi")
ffi.cdef[[
typedef struct { long seconds; long nanoseconds; } moment_t;
int clock_gettime(int which, moment_t *moment);
]]
local moment = ffi.new("moment_t")

function now()
  ffi.C.clock_gettime(1, moment)
  return tonumber(moment.seconds) + tonumber(moment.nanoseconds) / 1e9
end

function lines_of(path)
  local found = {}
  for line in io.lines(path) do found[#found + 1] = line end
  return found
end

FORM = "application/x-www-form-urlencoded"
started, ended, counted, wrong, first_wrong = nil, nil, 0, 0, nil

-- Every answer is looked at: it must have the status that its request asks for.
function count(status, expected, body)
  ended = now()
  started = started or ended
  counted = counted + 1
  if status ~= expected then
    wrong = wrong + 1
    first_wrong = first_wrong or (status .. " " .. (body or ""):sub(1, 300))
  end
end

function report(path, extra)
  local file = io.open(path, "w")
  file:write(string.format('{"counted":%d,"seconds":%.6f,"wrong":%d,"first_wrong":%q',
    counted, (ended or 0) - (started or 0), wrong, (first_wrong or ""):gsub("[\n\r\\]", " ")))
  file:write(extra or "", "}")
  file:close()
end
