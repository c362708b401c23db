-- One request with another DPoP proof each time, as each is taken once: path, expected status,
-- header file, body file, proof file. Arguments before them: common.lua, report.
function setup(thread) worker = thread end

function init(args)
  dofile(args[1])
  report_to, path, expected = args[2], args[3], tonumber(args[4])
  headers = { ["Content-Type"] = FORM }
  for _, line in ipairs(lines_of(args[5])) do
    local name, value = line:match("^([^:]+): (.*)$")
    headers[name] = value
  end
  body = lines_of(args[6])[1]
  proofs = lines_of(args[7])
  at = 0
end

function request()
  at = at + 1
  -- One that is shown again is refused, and counted as wrong: there are more than can be sent.
  headers["DPoP"] = proofs[math.min(at, #proofs)]
  return wrk.format("POST", path, headers, body)
end

function response(status, headers, body)
  count(status, expected, body)
  if counted % 16 == 0 then report(report_to) end
end
