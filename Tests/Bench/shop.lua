-- Requests to a shop that shop.py has made, by the key in AUTHORIZATION.
--
-- Settings in the environment:
--   STYLE   read, change or mixed, the carts of users 1 to USERS; or shelves, where the first GOODS articles are
--   RECORD  1 asks PocketBase for the same
--   GOODS   how many articles there are          RATE  requests a second, if the load is to be held there
--
-- A read shows a cart with what its lines cost now and whether the store has them; a change sets the quantity of one of
-- its lines and answers the cart.
dofile(os.getenv("BENCH") .. "/report.lua")

local style, record = os.getenv("STYLE"), os.getenv("RECORD") == "1"
local users, goods = tonumber(os.getenv("USERS") or "1000"), tonumber(os.getenv("GOODS"))
local rate, nextSlot = tonumber(os.getenv("RATE") or ""), 0

function init()
  math.randomseed(math.floor(now() * 1e6) % 2147483647)
  wrk.headers["Content-Type"] = "application/json"
  wrk.headers["Authorization"] = os.getenv("AUTHORIZATION")
  nextSlot = now()
end

local function read(user)
  if record then
    return wrk.format("GET", ("/api/collections/carts/records/c%014d?expand=lines_via_cart.product"):format(user))
  end
  return wrk.format("GET", ("/v1/customers/user_id:u%d/cart?store=s-1"):format(user))
end

local function change(user)
  local line, body = math.random(0, 2), ('{"quantity":%d}'):format(math.random(1, 9))
  if record then
    local path = "/api/collections/lines/records/l%013d%d?expand=cart.lines_via_cart.product"
    return wrk.format("PATCH", path:format(user, line), nil, body)
  end
  local sku = (user * 7 + line * 33331) % goods + 1
  return wrk.format("PUT", ("/v1/customers/user_id:u%d/cart/lines/K-%d?store=s-1"):format(user, sku), nil, body)
end

function request()
  if style == "shelves" then
    return wrk.format("GET", ("/v1/products/K-%d/availability?near=55.75,37.61&limit=200"):format(math.random(1, goods)))
  end
  local user = math.random(1, users)
  if style == "change" or style == "mixed" and math.random(1, 2) == 1 then return change(user) end
  return read(user)
end

if rate then
  -- Slots of one clock for all connections of the thread; a late one does not make the next ones late.
  function delay()
    local t = now()
    nextSlot = math.max(nextSlot + 1 / rate, t - 1)
    return math.max(0, math.floor((nextSlot - t) * 1000))
  end
end
