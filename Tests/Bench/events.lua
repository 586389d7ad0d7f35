-- Events as a shop's SDK sends them, 1 KB each, every one with a message id of its own.
--
-- Settings in the environment:
--   AUTHORIZATION  the header            BATCH   events in a request; 0 posts single ones to /v1/track
--   USERS   how many users          FIRST, LAST  identify these users, each once, then stop: to fill a server
--   RATE    events a second, if the load is to be held there
--   STYLE   "record" posts the same single event as a record of PocketBase
--
-- Templates are cut into pieces once, and a request only joins pieces, so that the load leaves the cores to the server:
-- about 1 microsecond an event. Message ids are random, as in life, because an index on them costs what it costs.
dofile(os.getenv("BENCH") .. "/report.lua")

local batch = tonumber(os.getenv("BATCH") or "100")
local users = tonumber(os.getenv("USERS") or "100000")
local first, last = tonumber(os.getenv("FIRST") or ""), tonumber(os.getenv("LAST") or "")
local batches = first and math.ceil((last - first + 1) / batch)
local rate = tonumber(os.getenv("RATE") or "")
local record = os.getenv("STYLE") == "record"

local context = [["context":{"library":{"name":"analytics.js","version":"next-1.81.0"},"locale":"ru-RU",]]
  .. [["timezone":"Europe/Moscow","ip":"203.0.113.17","userAgent":"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 ]]
  .. [[(KHTML, like Gecko) Chrome/126.0 Safari/537.36","page":{"path":"/catalogue/shoes","referrer":]]
  .. [["https://search.example/","search":"","title":"Shoes","url":"https://shop.example/catalogue/shoes"},]]
  .. [["screen":{"width":1920,"height":1080,"density":1}},"integrations":{},"timestamp":"@T@","messageId":"@M@",]]
  .. [["anonymousId":"a-@U@","userId":"u@U@"]]

local tracks = {
  { "Product Viewed", 40 }, { "Product Added", 10 }, { "Products Searched", 5 }, { "Cart Viewed", 3 },
  { "Order Completed", 2 },
}

-- One event as text with @T@ (time), @M@ (message id) and @U@ (user), padded to 1 KB by a description.
local function event(kind, name)
  local own
  if kind == "identify" then
    own = [["traits":{"email":"u@U@@example.com","phone":"+7916@P@","firstName":"Anna","lastName":"Petrova @U@",]]
      .. [["address":{"city":"Moscow","country":"RU"},"about":"@F@"}]]
  elseif kind == "page" then
    own = [["name":"Catalogue","category":"Shop","properties":{"path":"/catalogue/shoes",]]
      .. [["url":"https://shop.example/catalogue/shoes","about":"@F@"}]]
  else
    own = [["event":"]] .. name .. [[","properties":{"product_id":"p-1093","sku":"SKU-1093","name":"Running shoe",]]
      .. [["category":"Shoes","brand":"Example","price":129.90,"currency":"RUB","quantity":1,"about":"@F@"}]]
  end
  local text = [[{"type":"]] .. kind .. [[",]] .. own .. "," .. context .. "}"
  local size = #text + 20 + 35 - 3 + 3 * 4 -- about what the placeholders grow by
  return (text:gsub("@F@", (("soft light quick "):rep(60)):sub(1, math.max(8, 1024 - size))))
end

-- Cuts a template at its placeholders: even places hold the placeholder's letter.
local function cut(text)
  local pieces, from = {}, 1
  for before, letter, after in text:gmatch("()@([TMUP])@()") do
    pieces[#pieces + 1] = text:sub(from, before - 1)
    pieces[#pieces + 1] = letter
    from = after
  end
  pieces[#pieces + 1] = text:sub(from)
  return pieces
end

-- 100 templates in the proportions of a shop: 60 track, 30 page, 10 identify.
local templates, fill = {}, cut(event("identify"))
for _, track in ipairs(tracks) do
  for _ = 1, track[2] do templates[#templates + 1] = cut(event("track", track[1])) end
end
for _ = 1, 30 do templates[#templates + 1] = cut(event("page")) end
for _ = 1, 10 do templates[#templates + 1] = fill end
local single = cut(event("track", "Product Viewed"))

local parts, count, sent, instant, nextSlot = {}, 0, 0, "", 0

-- Appends one event to `parts`.
local function append(pieces, user)
  sent = sent + 1
  for i = 1, #pieces do
    local piece = pieces[i]
    if i % 2 == 0 then
      if piece == "U" then
        piece = user
      elseif piece == "T" then
        piece = instant
      elseif piece == "P" then
        piece = string.format("%07d", user % 10000000)
      else
        piece = string.format("%08x-%04x-4%03x-8%03x-%012x", math.random(0, 0x7fffffff), math.random(0, 0xffff),
          math.random(0, 0xfff), math.random(0, 0xfff), sent)
      end
    end
    count = count + 1
    parts[count] = piece
  end
end

local threads = 0
function setup(thread)
  threads = threads + 1
  thread:set("number", threads)
end

function init()
  local seed = io.open("/dev/urandom", "rb")
  local a, b, c, d = seed:read(4):byte(1, 4)
  seed:close()
  math.randomseed(((a * 256 + b) * 256 + c) * 256 + d)
  wrk.method = "POST"
  wrk.path = record and "/api/collections/events/records" or batch == 0 and "/v1/track" or "/v1/batch"
  wrk.headers["Content-Type"] = "application/json"
  wrk.headers["Authorization"] = os.getenv("AUTHORIZATION")
  nextSlot = now()
end

-- Filling ends when all its batches are answered; until then connections with nothing left to send ask for a page that
-- does not exist, whose 404 tells its answer from theirs. wrk would go on until its time is up, so the report is here.
local start, begun = now(), false
local answered, refused, waits = 0, 0, 0
if first then
  function response(status)
    if status == 404 then
      waits = waits + 1
      if waits > 2000000 then os.exit(1) end -- about half a minute: an answer was lost
      return
    end
    answered, waits = answered + 1, 0
    if status ~= 200 then refused = refused + 1 end
    if answered >= batches then
      io.write(string.format("RESULT %d %d %d 0 0 0\n", answered, (now() - start) * 1000000, refused))
      io.flush()
      os.exit(0)
    end
  end
end

function request()
  -- wrk asks for one request before it starts and throws it away, so filling begins after that.
  if first and not begun or first and first > last then
    begun = true
    return wrk.format("GET", "/bench-ends", { Authorization = "" })
  end
  instant = os.date("!%Y-%m-%dT%H:%M:%S.000Z")
  count = 0
  if batch == 0 then
    append(single, math.random(1, users))
    return wrk.format(nil, nil, nil, table.concat(parts, "", 1, count))
  end
  count = 1
  parts[1] = '{"batch":['
  for i = 1, batch do
    if i > 1 then
      count = count + 1
      parts[count] = ","
    end
    if first then -- the last batch may go beyond LAST
      append(fill, first)
      first = first + 1
    else
      append(templates[math.random(1, 100)], math.random(1, users))
    end
  end
  count = count + 1
  parts[count] = '],"sentAt":"' .. instant .. '"}'
  return wrk.format(nil, nil, nil, table.concat(parts, "", 1, count))
end

if rate then
  -- Slots of one clock for all connections of the thread; a late one does not make the next ones late.
  function delay()
    local t = now()
    nextSlot = math.max(nextSlot + math.max(batch, 1) / rate, t - 1)
    return math.max(0, math.floor((nextSlot - t) * 1000))
  end
end
