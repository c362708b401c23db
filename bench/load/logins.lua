-- Browsers that sign in again and again: each of the lines is a browser's cookies, a tab, and the
-- form it sends. Arguments: common.lua, report, path, file of lines.
function init(args)
  dofile(args[1])
  report_to = args[2]
  requests = {}
  for _, line in ipairs(lines_of(args[4])) do
    local cookies, form = line:match("^([^\t]*)\t(.*)$")
    local headers = { Cookie = cookies, ["Content-Type"] = FORM }
    requests[#requests + 1] = wrk.format("POST", args[3], headers, form)
  end
  at = 0
end

function request()
  at = at % #requests + 1
  return requests[at]
end

function response(status, headers, body)
  count(status, 303, body)
  report(report_to)
end
