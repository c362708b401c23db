-- One request again and again, or a list of them in turn: method, path, headers and bodies.
-- Arguments: common.lua, report, method, path, expected status, header file, body file ("-" none),
-- token file ("-" none), milliseconds between the requests of a connection.
function setup(thread) worker = thread end

function init(args)
  dofile(args[1])
  report_to, expected = args[2], tonumber(args[5])
  local headers = {}
  for _, line in ipairs(lines_of(args[6])) do
    local name, value = line:match("^([^:]+): (.*)$")
    headers[name] = value
  end
  requests = {}
  if args[7] == "-" then
    for _, variant in ipairs(variants(headers, args[8])) do
      requests[#requests + 1] = wrk.format(args[3], args[4], variant, nil)
    end
  else
    headers["Content-Type"] = FORM
    for _, body in ipairs(lines_of(args[7])) do
      requests[#requests + 1] = wrk.format(args[3], args[4], headers, body)
    end
  end
  at = 0
  if args[9] then
    local pause = tonumber(args[9])
    function delay() return math.random(0, 2 * pause) end
  end
end

-- A file of bearer tokens makes a request of each.
function variants(headers, path)
  if not path or path == "-" then return { headers } end
  local found = {}
  for _, token in ipairs(lines_of(path)) do
    found[#found + 1] = { Authorization = "Bearer " .. token }
  end
  return found
end

function request()
  at = at % #requests + 1
  return requests[at]
end

function response(status, headers, body)
  count(status, expected, body)
  if counted % 16 == 0 then report(report_to) end
end
