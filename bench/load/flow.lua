-- The stateful rows: refresh chains, code exchanges, authorizations, and the whole code flow.
-- Arguments: common.lua, report, mode, token path, authorize request path, basic header, cookie,
-- seeds (refresh tokens or codes), where codes are written, how many are wanted; and where and
-- what is pushed, where a flow begins so.
function init(args)
  dofile(args[1])
  report_to, mode, token_path, authorize_path = args[2], args[3], args[4], args[5]
  basic, cookie = args[6], args[7]
  seeds = args[8] ~= "-" and lines_of(args[8]) or {}
  codes_to, wanted = args[9], tonumber(args[10] or "0")
  head, tail = 1, #seeds
  exchange_headers = { Authorization = basic, ["Content-Type"] = FORM }
  authorize_request = wrk.format("GET", authorize_path, { Cookie = cookie }, nil)
  push_request = args[11] and wrk.format("POST", args[11], exchange_headers, args[12])
  client_id = authorize_path:match("client_id=([^&]+)")
  authorize_path = authorize_path:match("^[^?]+")
  pushed, made, sent, flows = {}, {}, 0, 0
end

local function take()
  local seed = seeds[head]
  seeds[head] = nil
  head = head + 1
  return seed
end

local function give(seed)
  tail = tail + 1
  seeds[tail] = seed
end

local function exchange(code)
  return wrk.format("POST", token_path, exchange_headers,
    "grant_type=authorization_code&redirect_uri=https%3A%2F%2Fapp.example%2Fcallback"
    .. "&code_verifier=dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk&code=" .. code)
end

function request()
  sent = sent + 1
  if mode == "refresh" then
    return wrk.format("POST", token_path, exchange_headers,
      "grant_type=refresh_token&refresh_token=" .. take())
  end
  if push_request and head > tail then
    local reference = table.remove(pushed)
    if not reference then return push_request end
    return wrk.format("GET", authorize_path .. "?client_id=" .. client_id
      .. "&request_uri=" .. reference, { Cookie = cookie }, nil)
  end
  if mode == "exchange" or (mode == "flow" and head <= tail) then
    if head > tail then return authorize_request end
    return exchange(take())
  end
  return authorize_request
end

local function code_of(headers)
  local location = headers["Location"] or headers["location"] or ""
  return location:match("[?&]code=([^&]+)")
end

function response(status, headers, body)
  if push_request and status == 201 then
    count(201, 201)
    pushed[#pushed + 1] = body:match('"request_uri":"([^"]+)"')
    return
  end
  local code = (status == 302 or status == 303) and code_of(headers)
  if code then
    count(200, 200)
    if mode == "flow" then give(code) else made[#made + 1] = code end
    if mode == "authorize" and #made >= wanted then
      local file = io.open(codes_to, "w")
      file:write(table.concat(made, "\n"), "\n")
      file:close()
      report(report_to)
      wrk.thread:stop()
    end
    return
  end
  count(status, 200, body)
  if mode == "refresh" then
    local token = body:match('"refresh_token":"([^"]+)"')
    if token then give(token) end
  elseif mode == "flow" then
    flows = flows + 1
  elseif mode == "exchange" and head > tail then
    report(report_to)
    wrk.thread:stop()
    return
  end
  if counted % 64 == 0 then report(report_to, ',"flows":' .. flows) end
end
