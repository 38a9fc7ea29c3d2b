-- One push after another for wrk, each into a random stored group:
--   wrk -s push.lua URL -- BODY_FILE CONTENT_TYPE PATH_PREFIX GROUPS [close]
-- Requests are made before the clock starts. The last line of output is for the benchmark:
--   result REQUESTS MICROSECONDS CONNECT_ERRORS READ_ERRORS WRITE_ERRORS BAD_STATUSES TIMEOUTS

local requests = {}

function init(args)
    local file = assert(io.open(args[1], "rb"))
    local body = file:read("*a")
    file:close()
    local headers = { ["Content-Type"] = args[2] }
    if args[5] == "close" then
        headers["Connection"] = "close"
    end
    for i = 1, tonumber(args[4]) do
        requests[i] = wrk.format("PUT", string.format("%s%06d", args[3], i - 1), headers, body)
    end
end

function request()
    return requests[math.random(#requests)]
end

function done(summary, latency, requests)
    local e = summary.errors
    io.write(string.format("result %d %d %d %d %d %d %d\n", summary.requests, summary.duration,
        e.connect, e.read, e.write, e.status, e.timeout))
end
