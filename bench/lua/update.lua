-- Changes books with If-Match: each request has the entity tag that the answer to the last change of
-- its book brought. So the answers must be read, which costs wrk some time.
--
-- wrk … -s update.lua URL -- FILE TOKEN
--
-- FILE has a line "ID ETAG" for each book. There must be more books than connections.

local free, first, last = {}, 1, 0
local token
local tried = false

local function put(id, tag)
  last = last + 1
  free[last] = {id, tag}
end

function init(args)
  for line in io.lines(args[1]) do
    put(line:match("^(%d+) (.+)$"))
  end
  token = args[2]
end

function request()
  local id, tag = free[first][1], free[first][2]
  if tried then
    free[first] = nil
    first = first + 1
  end
  -- wrk makes one request that it never sends.
  tried = true
  local body = ('{"genre": "Genre %d"}'):format(first)
  return ("PATCH /api/v1/books/%s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n" ..
    "If-Match: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"):format(
    id, token, tag, #body, body)
end

function response(status, headers, body)
  if status == 200 then
    put(body:match('"id":(%d+)'), headers["etag"] or headers["ETag"])
  end
end

dofile(debug.getinfo(1, "S").source:sub(2):gsub("[^/]*$", "") .. "report.lua")
