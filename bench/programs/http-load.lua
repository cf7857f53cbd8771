-- For wrk: announces of peers chosen at random, numwant 50, as many as fit into memory made beforehand.
--   wrk ... -s http-load.lua URL -- SWARMS PEERS CONNECTION
-- Swarm n has the info-hash of 16 zero bytes and n. Prints one line of JSON.
local made = {}
local next_one = 0

function init(args)
  local swarms, peers = tonumber(args[1]), tonumber(args[2])
  math.randomseed(7)
  local headers = { ["Host"] = "tracker", ["User-Agent"] = "bench", ["Connection"] = args[3] }
  for at = 1, 16384 do
    local swarm, peer = math.random(0, swarms - 1), math.random(0, peers - 1)
    local hash = string.rep("%00", 16)
    for shift = 3, 0, -1 do
      hash = hash .. string.format("%%%02X", math.floor(swarm / 256 ^ shift) % 256)
    end
    local path = string.format(
      "/announce?info_hash=%s&peer_id=-LD0000-%06d%06d&port=%d&uploaded=0&downloaded=0&left=%d&numwant=50&compact=1&key=%08x",
      hash, swarm, peer, 1024 + peer, peer % 4 == 0 and 0 or 1000, peer + 1
    )
    made[at] = wrk.format("GET", path, headers)
  end
end

function request()
  next_one = next_one % #made + 1
  return made[next_one]
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '{"requestsPerSecond":%.0f,"bytesPerAnswer":%.1f,"errors":%d,"p99Ms":%.3f,"requests":%d}\n',
    summary.requests / (summary.duration / 1e6), summary.bytes / summary.requests,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout,
    latency:percentile(99) / 1000, summary.requests
  ))
end
