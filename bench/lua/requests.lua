-- Sends the requests of a file in their order, again and again, and prints what wrk measured as a
-- line of JSON.
--
-- wrk … -s requests.lua URL -- FILE FIRST
--
-- FILE has whole HTTP requests, each after a line with its length. Thirteen "#" in a request stand
-- for an ISBN that no other request has; FIRST is the number of the first one.

local PLACEHOLDER = ("#"):rep(13)
local requests, position, number = {}, 0, 0

local function read(path)
  local file = assert(io.open(path, "rb"))
  for length in file:lines() do
    local text = file:read(tonumber(length))
    local start, finish = text:find(PLACEHOLDER, 1, true)
    if start then
      requests[#requests + 1] = {text:sub(1, start - 1), text:sub(finish + 1)}
    else
      requests[#requests + 1] = text
    end
  end
  file:close()
end

local function isbn()
  local digits = ("979%09d"):format(number)
  number = number + 1
  local sum = 0
  for i = 1, 12 do
    sum = sum + (digits:byte(i) - 48) * (i % 2 == 1 and 1 or 3)
  end
  return digits .. (-sum % 10)
end

function init(args)
  read(args[1])
  number = tonumber(args[2])
end

function request()
  position = position % #requests + 1
  local text = requests[position]
  if type(text) == "string" then
    return text
  end
  return text[1] .. isbn() .. text[2]
end

dofile(debug.getinfo(1, "S").source:sub(2):gsub("[^/]*$", "") .. "report.lua")
