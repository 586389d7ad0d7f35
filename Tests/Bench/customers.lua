-- Reads of one customer after another, picked at random among USERS, with the key in AUTHORIZATION; STYLE "record" reads
-- them as records of PocketBase, with the events that point to them.
dofile(os.getenv("BENCH") .. "/report.lua")

local users = tonumber(os.getenv("USERS") or "1000")
function init()
  math.randomseed(os.time())
  wrk.headers["Authorization"] = os.getenv("AUTHORIZATION")
end
local path = "/v1/customers/user_id:u%d"
if os.getenv("STYLE") == "record" then path = "/api/collections/customers/records/u%014d?expand=history_via_customer" end
function request() return wrk.format("GET", path:format(math.random(1, users))) end
