import { script } from '../../redis/index.ts';

/*
 * What is kept of the catalog, all under the hash tag {catalog}, so that a call is one step on one server:
 *
 *   shoal:{catalog}:sequence       number given out last: to a description, or to a seeder as its place
 *   …:seeders                      hash: id -> address, what the tracker wrote of it, when it registered
 *   …:places, :seen                sorted sets of ids: by their place in the order of pages, by when they were seen last
 *   …:at                           hash: address -> id
 *   …:holds:<id>                   sorted set of descriptions, by their place in the seeder's list
 *   …:descriptions                 hash: number -> info-hash, second info-hash, size, SHA-256, name
 *   …:ids                          hash: SHA-1 of that -> number
 *   …:holders:<number>             sorted set of ids of seeders, by their place
 *   …:all, :of:<info-hash>, :name:<name>, :size:<size>, :sha256:<SHA-256>   sorted sets of descriptions, by number
 *   …:metainfo                     hash: info-hash -> metainfo
 *   …:holdings, :bytes             how many torrents are held, each by each who holds it; bytes of metainfo
 *   …:sweeps                       hash: `last`, when a tracker last looked who has expired; `since` when some tracker did
 *                                  so without a break
 *
 * Times go to and fro as ages, in milliseconds before now, for clocks of trackers have no common zero. ARGV[1] is now,
 * for tests; empty for the server's own time.
 */

/** Milliseconds between two looks at who has expired that are a break: trackers look every second. */
const BREAK = 5000;

/** What scripts of the catalog begin with: ARGV[1] is now, or empty. */
export const CATALOG = `
local base, call = KEYS[1], redis.call
local now = tonumber(ARGV[1])
if not now then
  local time = call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
local function key(kind, name) return base .. ':' .. kind .. ':' .. name end
local SEEDERS, PLACES, SEEN, AT = base .. ':seeders', base .. ':places', base .. ':seen', base .. ':at'
local DESCRIPTIONS, IDS, ALL, METAINFO = base .. ':descriptions', base .. ':ids', base .. ':all', base .. ':metainfo'

local function seederOf(id)
  local packed = call('HGET', SEEDERS, id)
  if not packed then return false end
  local seeder = cmsgpack.unpack(packed)
  local seen = tonumber(call('ZSCORE', SEEN, id))
  return {id, seeder[2], now - tonumber(seeder[3]), now - seen, call('ZCARD', key('holds', id))}
end
local function descriptionOf(number) return cmsgpack.unpack(call('HGET', DESCRIPTIONS, number)) end
local function torrentsOf(id)
  local torrents = {}
  for at, number in ipairs(call('ZRANGE', key('holds', id), 0, -1)) do torrents[at] = descriptionOf(number) end
  return torrents
end
local function listing(number)
  local torrent, seeders = descriptionOf(number), 0
  for _, each in ipairs(call('ZRANGE', key('of', torrent[1]), 0, -1)) do
    seeders = seeders + call('ZCARD', key('holders', each))
  end
  torrent[6] = seeders
  return torrent
end
`;

const DROP = `
local function indexesOf(torrent)
  local indexes = {ALL, key('of', torrent[1]), key('name', torrent[5]), key('size', torrent[3])}
  if torrent[4] ~= '' then indexes[5] = key('sha256', torrent[4]) end
  return indexes
end
local function release(number, id)
  call('ZREM', key('holders', number), id)
  if call('EXISTS', key('holders', number)) == 1 then return end
  local packed = call('HGET', DESCRIPTIONS, number)
  local torrent = cmsgpack.unpack(packed)
  call('HDEL', DESCRIPTIONS, number)
  call('HDEL', IDS, redis.sha1hex(packed))
  for _, index in ipairs(indexesOf(torrent)) do call('ZREM', index, number) end
  if call('EXISTS', key('of', torrent[1])) == 1 then return end
  call('DECRBY', base .. ':bytes', call('HSTRLEN', METAINFO, torrent[1]))
  call('HDEL', METAINFO, torrent[1])
end
-- Lets go of what the seeder holds, but for what is in the set that is kept.
local function letGo(id, kept)
  local address = cmsgpack.unpack(call('HGET', SEEDERS, id))[1]
  if call('HGET', AT, address) == id then call('HDEL', AT, address) end
  local numbers = call('ZRANGE', key('holds', id), 0, -1)
  call('DECRBY', base .. ':holdings', #numbers)
  for _, number in ipairs(numbers) do
    if not kept or not call('ZSCORE', kept, number) then release(number, id) end
  end
  call('DEL', key('holds', id))
end
local function drop(id)
  local departure = {seederOf(id), torrentsOf(id)}
  letGo(id)
  call('HDEL', SEEDERS, id)
  call('ZREM', PLACES, id)
  call('ZREM', SEEN, id)
  return departure
end
`;

/**
 * ARGV[2]: id; [3]: address; [4]: what is to be known of it; [5], [6]: ages of registering and of being seen; [7], [8]:
 * limits of seeders and holdings; and five of each torrent: info-hash, second one, size, SHA-256, name.
 */
export const PUT = script(
  CATALOG,
  DROP,
  `
local id, address = ARGV[2], ARGV[3]
local replaced, count = {}, (#ARGV - 8) / 5
if call('HEXISTS', SEEDERS, id) == 1 then replaced[1] = id end
local other = call('HGET', AT, address)
if other and other ~= id then replaced[#replaced + 1] = other end
local held = 0
for _, each in ipairs(replaced) do held = held + call('ZCARD', key('holds', each)) end
local holdings = tonumber(call('GET', base .. ':holdings') or 0) - held
-- Also where limits were lowered, who is known stays, with a list that does not grow.
if #replaced == 0 and call('HLEN', SEEDERS) >= tonumber(ARGV[7]) then return {'TOO_MANY_SEEDERS', 0} end
if count > held and holdings + count > tonumber(ARGV[8]) then return {'TOO_MANY_TORRENTS', holdings} end

-- The new is taken up before the old is let go, so that metainfo of what is in both stays.
local place = call('ZSCORE', PLACES, id) or call('INCR', base .. ':sequence')
local kept = base .. ':kept'
call('DEL', kept)
for at = 1, count do
  local torrent = {}
  for field = 1, 5 do torrent[field] = ARGV[3 + at * 5 + field] end
  local packed = cmsgpack.pack(torrent)
  local sha1 = redis.sha1hex(packed)
  local number = call('HGET', IDS, sha1)
  if not number then
    number = call('INCR', base .. ':sequence')
    call('HSET', IDS, sha1, number)
    call('HSET', DESCRIPTIONS, number, packed)
    for _, index in ipairs(indexesOf(torrent)) do call('ZADD', index, number, number) end
  end
  call('ZADD', key('holders', number), place, id)
  call('ZADD', kept, at, number)
end
local departures = {}
for at, each in ipairs(replaced) do
  if each == id then
    departures[at] = {seederOf(id), torrentsOf(id)}
    letGo(id, kept)
  else departures[at] = drop(each) end
end
if count > 0 then call('RENAME', kept, key('holds', id)) end
call('INCRBY', base .. ':holdings', count)
call('HSET', SEEDERS, id, cmsgpack.pack({address, ARGV[4], tostring(now - ARGV[5])}))
call('HSET', AT, address, id)
call('ZADD', PLACES, place, id)
call('ZADD', SEEN, now - ARGV[6], id)
return {'OK', departures}
`,
);

/** ARGV[2]: id; [3]: age of being seen. */
export const RENEW = script(
  CATALOG,
  `
if call('HEXISTS', SEEDERS, ARGV[2]) == 0 then return false end
call('ZADD', SEEN, now - ARGV[3], ARGV[2])
return torrentsOf(ARGV[2])
`,
);

/** ARGV[2]: id. */
export const REMOVE = script(
  CATALOG,
  DROP,
  `return call('HEXISTS', SEEDERS, ARGV[2]) == 1 and drop(ARGV[2])`,
);

/**
 * ARGV[2]: age. Gives 1 if this look ended a break, else 0, and the departure of one seeder, whose list may be long, or
 * nothing when there is none, or none yet: while no tracker came here, no seeder could renew, and for the time of the age
 * after that all of them stay.
 */
export const EXPIRE = script(
  CATALOG,
  DROP,
  `
local sweeps = base .. ':sweeps'
local last, since = unpack(call('HMGET', sweeps, 'last', 'since'))
local ended = 0
if not last or math.abs(now - last) > ${BREAK} then since, ended = now, 1 end
call('HSET', sweeps, 'last', now, 'since', since)
local oldest = now - ARGV[2]
if tonumber(since) > oldest then return {ended, false} end
local id = call('ZRANGEBYSCORE', SEEN, '-inf', '(' .. oldest, 'LIMIT', 0, 1)[1]
return {ended, id and drop(id) or false}
`,
);

/** ARGV[2]: info-hash; [3]: metainfo; [4]: limit of all. Gives 1, or 0 when nobody holds it, or -1 and what is taken. */
export const ADD_METAINFO = script(
  CATALOG,
  `
if call('EXISTS', key('of', ARGV[2])) == 0 then return {0, 0} end
if call('HEXISTS', METAINFO, ARGV[2]) == 1 then return {1, 0} end
local taken = tonumber(call('GET', base .. ':bytes') or 0)
if taken + #ARGV[3] > tonumber(ARGV[4]) then return {-1, taken} end
call('HSET', METAINFO, ARGV[2], ARGV[3])
call('INCRBY', base .. ':bytes', #ARGV[3])
return {1, 0}
`,
);

/** ARGV[2]: info-hash. */
export const GET_METAINFO = script(CATALOG, `return call('HGET', METAINFO, ARGV[2])`);

/** ARGV[2] and on: info-hashes. */
export const WITHOUT_METAINFO = script(
  CATALOG,
  `
local missing = {}
for at = 2, #ARGV do
  if call('HEXISTS', METAINFO, ARGV[at]) == 0 then missing[#missing + 1] = ARGV[at] end
end
return missing
`,
);
