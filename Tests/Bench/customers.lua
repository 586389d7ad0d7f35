-- Reads of one customer after another, picked at random among USERS, with the key in AUTHORIZATION.
dofile(os.getenv("BENCH") .. "/report.lua")

local users = tonumber(os.getenv("USERS") or "1000")
function init()
  math.randomseed(os.time())
  wrk.headers["Authorization"] = os.getenv("AUTHORIZATION")
end
function request() return wrk.format("GET", "/v1/customers/user_id:u" .. math.random(1, users)) end
