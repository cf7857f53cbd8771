/*
 * The keys of the catalog, all with the hash tag {catalog}, so that a call is one step on one server:
 *
 *   shoal:{catalog}:sequence       number given out last: to a description, or to a seeder as its place
 *   …:seeders                      hash: id -> address, what the tracker wrote of it, when it registered
 *   …:places, :seen                sorted sets of ids: by their place in the order of pages, by when they were seen last
 *   …:at                           hash: address -> id
 *   …:reachable                    hash: id -> 1 for a seeder that answered the tracker, 0 for one that did not
 *   …:of-stranger:<stranger>       set of ids: of the seeders of an address, or of an IPv6 /48
 *   …:holds:<id>                   sorted set of descriptions, by their place in the seeder's list
 *   …:descriptions                 hash: number -> info-hash, second info-hash, size, SHA-256, name; of folders also content
 *                                  id and number of files, which those of earlier versions lack
 *   …:ids                          hash: SHA-1 of that -> number
 *   …:holders:<number>             sorted set of ids of seeders, by their place
 *   …:all, :of:<info-hash>, :name:<name>, :size:<size>, :sha256:<SHA-256>, :content-id:<content id>, :v2:<info-hash>
 *                                  sorted sets of descriptions, by number
 *   …:metainfo                     hash: info-hash -> metainfo
 *   …:holdings, :bytes             how many torrents are held, each by each who holds it; bytes of metainfo
 *   …:sweeps                       hash: `last`, when a tracker last looked who has expired; `since` when some tracker did
 *                                  so without a break
 *
 * Other programs may have written to these keys, or a part of them may be lost. Scripts remove what is damaged, and only
 * that: a key of another kind, a seeder or a description that cannot be read, a number in a set without a description. A
 * seeder that has lost something by that is not known any more when it renews, and registers again.
 *
 * Times are passed as ages, in milliseconds before now, because the clocks of trackers have no common zero. ARGV[1] is the
 * time for tests; it is empty for the server's own time.
 */

/** The start of all scripts of the catalog. ARGV[1] is the time, or empty. */
export const CATALOG = `
local base = KEYS[1]
-- Calls the server. A key of another kind than it should be goes, and is as one that is not there.
local function call(command, name, ...)
  local reply = redis.pcall(command, name, ...)
  if type(reply) ~= 'table' or not reply.err then return reply end
  if not string.find(reply.err, 'WRONGTYPE', 1, true) then error(reply.err) end
  redis.call('UNLINK', name)
  return redis.call(command, name, ...)
end
local now = tonumber(ARGV[1])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
local function key(kind, name) return base .. ':' .. kind .. ':' .. name end
-- A number that a tracker can have written: none that is infinite, or more than trackers count exactly.
local function soundNumber(value)
  local found = tonumber(value or '')
  return found and math.abs(found) <= 9007199254740991 and found or nil
end
local SEEDERS, PLACES, SEEN, AT = base .. ':seeders', base .. ':places', base .. ':seen', base .. ':at'
local REACHABLE = base .. ':reachable'
local DESCRIPTIONS, IDS, ALL, METAINFO = base .. ':descriptions', base .. ':ids', base .. ':all', base .. ':metainfo'

-- Numbers that are kept beside what they count, and are counted again when they are none.
local counters = {
  holdings = function()
    local sum = 0
    for _, id in ipairs(call('ZRANGE', PLACES, 0, -1)) do sum = sum + call('ZCARD', key('holds', id)) end
    return sum
  end,
  bytes = function()
    local sum = 0
    for _, infoHash in ipairs(call('HKEYS', METAINFO)) do sum = sum + call('HSTRLEN', METAINFO, infoHash) end
    return sum
  end,
  sequence = function()
    local last = 0
    for _, set in ipairs({ALL, PLACES}) do
      last = math.max(last, soundNumber(call('ZREVRANGE', set, 0, 0, 'WITHSCORES')[2]) or 0)
    end
    return last
  end,
}
local function setCounter(name, sum)
  call('SET', base .. ':' .. name, string.format('%.0f', sum))
  return sum
end
local function counted(name)
  return soundNumber(call('GET', base .. ':' .. name)) or setCounter(name, counters[name]())
end
local function add(name, count) return setCounter(name, counted(name) + count) end

local function isHex(text, length) return #text == length and not string.find(text, '[^0-9a-f]') end
local function unpackTexts(packed, count)
  local isRead, values = pcall(cmsgpack.unpack, packed)
  if not isRead or type(values) ~= 'table' then return false end
  for at = 1, count do if type(values[at]) ~= 'string' then return false end end
  return values
end

-- Address, what the tracker wrote, when it registered, how many torrents; false for one that cannot be read.
local function recordOf(id)
  local packed = call('HGET', SEEDERS, id)
  local record = packed and unpackTexts(packed, 3)
  if not record or not soundNumber(record[3]) then return false end
  -- Just as the tracker writes it: a parser of JSON here might take what that of the tracker does not.
  local about = '^{"host":"[%x.:]+","port":(%d+),"peerId":"(%x+)","tokenHash":"(%x+)"(.*)}$'
  local _, _, port, peerId, tokenHash, claim = string.find(record[2], about)
  local isSound = port and #port <= 5 and tonumber(port) <= 65535 and isHex(peerId, 40) and isHex(tokenHash, 64)
    and (claim == '' or string.find(claim, '^,"claimedBy":"[%x.:]+"$'))
  return isSound and record
end
local function seederOf(id)
  local record = recordOf(id)
  if not record then return false end
  local seen = soundNumber(call('ZSCORE', SEEN, id))
  if not seen then
    seen = now
    call('ZADD', SEEN, now, id)
  end
  local reachable = call('HGET', REACHABLE, id) or ''
  return {id, record[2], now - tonumber(record[3]), now - seen, call('ZCARD', key('holds', id)), reachable}
end
-- Who has named the address of a seeder that is not its own; empty when nobody has.
local function claimantOf(record)
  return string.match(record[2], ',"claimedBy":"([%x.:]+)"}$') or ''
end
local function descriptionOf(number)
  local packed = call('HGET', DESCRIPTIONS, number)
  local torrent = packed and unpackTexts(packed, 5)
  -- Only the descriptions of folders have seven fields.
  if torrent and torrent[6] == nil and torrent[7] == nil then torrent[6], torrent[7] = '', '' end
  if torrent and isHex(torrent[1], 40) and (torrent[2] == '' or isHex(torrent[2], 40))
    and string.find(torrent[3], '^%d+$') and soundNumber(torrent[3])
    and (torrent[4] == '' or isHex(torrent[4], 64))
    and type(torrent[6]) == 'string' and (torrent[6] == '' or isHex(torrent[6], 64))
    and type(torrent[7]) == 'string' and string.find(torrent[7], '^%d*$') and #torrent[7] <= 10 then return torrent end
  call('HDEL', DESCRIPTIONS, number)
  call('ZREM', ALL, number)
  redis.call('UNLINK', key('holders', number))
  return false
end
-- Packs a description as earlier versions did, unless it is one of a folder.
local function packedOf(torrent)
  return cmsgpack.pack({unpack(torrent, 1, torrent[6] == '' and torrent[7] == '' and 5 or 7)})
end
local function torrentsOf(id)
  local torrents = {}
  for _, number in ipairs(call('ZRANGE', key('holds', id), 0, -1)) do
    local torrent = descriptionOf(number)
    if torrent then torrents[#torrents + 1] = torrent
    else
      call('ZREM', key('holds', id), number)
      add('holdings', -1)
    end
  end
  return torrents
end
local function listing(number)
  local torrent, seeders = descriptionOf(number), 0
  if not torrent then return false end
  for _, each in ipairs(call('ZRANGE', key('of', torrent[1]), 0, -1)) do
    seeders = seeders + call('ZCARD', key('holders', each))
  end
  torrent[8] = seeders
  return torrent
end
local function indexesOf(torrent)
  local indexes = {ALL, key('of', torrent[1]), key('name', torrent[5]), key('size', torrent[3])}
  if torrent[4] ~= '' then indexes[#indexes + 1] = key('sha256', torrent[4]) end
  if torrent[6] ~= '' then indexes[#indexes + 1] = key('content-id', torrent[6]) end
  if torrent[2] ~= '' then indexes[#indexes + 1] = key('v2', torrent[2]) end
  return indexes
end
local function release(number, id)
  call('ZREM', key('holders', number), id)
  if call('EXISTS', key('holders', number)) == 1 then return end
  local torrent = descriptionOf(number)
  if not torrent then return end
  local packed = call('HGET', DESCRIPTIONS, number)
  call('HDEL', DESCRIPTIONS, number)
  call('HDEL', IDS, redis.sha1hex(packed))
  for _, index in ipairs(indexesOf(torrent)) do call('ZREM', index, number) end
  if call('EXISTS', key('of', torrent[1])) == 1 then return end
  add('bytes', -call('HSTRLEN', METAINFO, torrent[1]))
  call('HDEL', METAINFO, torrent[1])
end
-- Finds the number of a description, and makes it if there is none.
local function numberOf(torrent)
  local packed = packedOf(torrent)
  local sha1 = redis.sha1hex(packed)
  local number = call('HGET', IDS, sha1)
  if number and call('HGET', DESCRIPTIONS, number) == packed then return number end
  number = add('sequence', 1)
  call('HSET', IDS, sha1, number)
  call('HSET', DESCRIPTIONS, number, packed)
  for _, index in ipairs(indexesOf(torrent)) do call('ZADD', index, number, number) end
  return number
end
-- Replaces the content of a description by that which the metainfo proves. A folder has no SHA-256.
local function setContent(torrent, contentId, files)
  torrent[6], torrent[7] = contentId, files
  if files ~= '' then torrent[4] = '' end
end
-- Replaces the content in all descriptions of a torrent, in the lists of all who hold it.
local function correct(infoHash, contentId, files)
  for _, number in ipairs(call('ZRANGE', key('of', infoHash), 0, -1)) do
    local torrent = descriptionOf(number)
    local before = torrent and packedOf(torrent)
    if torrent then setContent(torrent, contentId, files) end
    if torrent and packedOf(torrent) ~= before then
      local other = numberOf(torrent)
      for _, id in ipairs(call('ZRANGE', key('holders', number), 0, -1)) do
        local at = call('ZSCORE', key('holds', id), number)
        if at then
          call('ZADD', key('holds', id), at, other)
          call('ZREM', key('holds', id), number)
          call('ZADD', key('holders', other), call('ZSCORE', key('holders', number), id), id)
        end
        release(number, id)
      end
    end
  end
end
-- Lets go of what the seeder holds, but for what is in the set that is kept.
local function forget(id, kept)
  local record = recordOf(id)
  if record and call('HGET', AT, record[1]) == id then call('HDEL', AT, record[1]) end
  if record and type(record[5]) == 'string' then call('SREM', key('of-stranger', record[5]), id) end
  local numbers = call('ZRANGE', key('holds', id), 0, -1)
  add('holdings', -#numbers)
  for _, number in ipairs(numbers) do
    if not kept or not call('ZSCORE', kept, number) then release(number, id) end
  end
  call('DEL', key('holds', id))
end
-- Gives the departure, without the seeder if that cannot be read.
local function drop(id)
  local departure = {seederOf(id), torrentsOf(id)}
  forget(id)
  call('HDEL', SEEDERS, id)
  call('HDEL', REACHABLE, id)
  call('ZREM', PLACES, id)
  call('ZREM', SEEN, id)
  return departure
end
`;
