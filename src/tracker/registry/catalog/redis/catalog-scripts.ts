import { script } from '../../../redis/index.ts';
import { CATALOG } from './catalog-start.ts';

/* The scripts that change the catalog or read its metainfo. `catalog-start.ts` describes the keys. */

/** The milliseconds without a look for expired seeders that count as a break: trackers look every second. */
const BREAK = 5000;
/** The most unreadable seeders that one look for expired seeders removes. */
const DROPPED_AT_ONCE = 100;

/**
 * Records a seeder. ARGV[2]: id; [3]: address; [4]: its record; [5], [6]: ages of registering and of being seen; [7], [8]:
 * limits of seeders and holdings; [9]: the client that claimed the address, or empty; [10]: the owner of the seeder; [11],
 * [12]: the owner's limits of seeders and holdings, empty when it has none; and seven of each torrent: info-hash, second one,
 * size, SHA-256, name, content id, number of files.
 */
export const PUT = script(
  CATALOG,
  `
local id, address = ARGV[2], ARGV[3]
local replaced, count = {}, (#ARGV - 12) / 7
if call('HEXISTS', SEEDERS, id) == 1 then replaced[1] = id end
local other = call('HGET', AT, address)
if other and other ~= id then
  local record = recordOf(other)
  if record and ARGV[9] ~= '' and ARGV[9] ~= claimantOf(record) then return {'ADDRESS_TAKEN', 0} end
  replaced[#replaced + 1] = other
end
local held = 0
for _, each in ipairs(replaced) do held = held + call('ZCARD', key('holds', each)) end
local holdings = counted('holdings') - held
-- Also where limits were lowered, who is known stays, with a list that does not grow.
if #replaced == 0 and call('HLEN', SEEDERS) >= tonumber(ARGV[7]) then return {'TOO_MANY_SEEDERS', 0} end
if count > held and holdings + count > tonumber(ARGV[8]) then return {'TOO_MANY_TORRENTS', holdings} end

-- The same rule holds for what all seeders of the stranger have. It has about as many as its limit, so that counting is short.
local ofStranger, seeders, torrents, own = key('of-stranger', ARGV[10]), 0, 0, 0
for _, each in ipairs(ARGV[11] ~= '' and call('SMEMBERS', ofStranger) or {}) do
  if call('HEXISTS', SEEDERS, each) == 0 then call('SREM', ofStranger, each)
  else
    local holds = call('ZCARD', key('holds', each))
    if each == id or each == other then own = own + holds
    else seeders, torrents = seeders + 1, torrents + holds end
  end
end
if ARGV[11] ~= '' then
  local isOwn = call('SISMEMBER', ofStranger, id) == 1 or (other and call('SISMEMBER', ofStranger, other) == 1)
  if not isOwn and seeders >= tonumber(ARGV[11]) then return {'TOO_MANY_SEEDERS_OF_ADDRESS', 0} end
  if count > own and torrents + count > tonumber(ARGV[12]) then return {'TOO_MANY_TORRENTS_OF_ADDRESS', torrents} end
end

-- The new is taken up before the old is let go, so that metainfo of what is in both stays.
local place = call('ZSCORE', PLACES, id) or add('sequence', 1)
local kept = base .. ':kept'
call('DEL', kept)
for at = 1, count do
  local torrent = {}
  for field = 1, 7 do torrent[field] = ARGV[5 + at * 7 + field] end
  if call('HEXISTS', METAINFO, torrent[1]) == 1 then
    local first = call('ZRANGE', key('of', torrent[1]), 0, 0)[1]
    local known = first and descriptionOf(first)
    if known then setContent(torrent, known[6], known[7]) end
  end
  local number = numberOf(torrent)
  call('ZADD', key('holders', number), place, id)
  call('ZADD', kept, at, number)
end
local departures = {}
for at, each in ipairs(replaced) do
  if each == id then
    departures[at] = {seederOf(id), torrentsOf(id)}
    forget(id, kept)
  else departures[at] = drop(each) end
end
if count > 0 then call('RENAME', kept, key('holds', id)) end
add('holdings', count)
call('HSET', SEEDERS, id, cmsgpack.pack({address, ARGV[4], tostring(now - ARGV[5]), tostring(count), ARGV[10]}))
call('SADD', ofStranger, id)
call('HSET', AT, address, id)
if other ~= id then call('HDEL', REACHABLE, id) end
call('ZADD', PLACES, place, id)
call('ZADD', SEEN, now - ARGV[6], id)
return {'OK', departures}
`,
);

/**
 * Renews a seeder. ARGV[2]: id; [3]: age of being seen. Returns nothing also for a seeder that has lost something, which has
 * to register again.
 */
export const RENEW = script(
  CATALOG,
  `
local id = ARGV[2]
if call('HEXISTS', SEEDERS, id) == 0 then return false end
local record, torrents = recordOf(id), torrentsOf(id)
if not record or #torrents ~= tonumber(record[4] or #torrents) then
  drop(id)
  return false
end
call('ZADD', SEEN, now - ARGV[3], id)
call('HSETNX', AT, record[1], id)
if not call('ZSCORE', PLACES, id) then call('ZADD', PLACES, add('sequence', 1), id) end
return torrents
`,
);

/** ARGV[2]: id; [3]: 1 or 0. */
export const SET_REACHABLE = script(
  CATALOG,
  `if call('HEXISTS', SEEDERS, ARGV[2]) == 1 then call('HSET', REACHABLE, ARGV[2], ARGV[3]) end`,
);

/** ARGV[2]: id. */
export const REMOVE = script(CATALOG, `return call('HEXISTS', SEEDERS, ARGV[2]) == 1 and drop(ARGV[2])`);

/**
 * Removes an expired seeder. ARGV[2]: age. Returns 1 if this look ended a break, else 0; and the departure of one seeder,
 * whose list may be long, or nothing when none has expired. While no tracker looked, no seeder could renew, so all of them
 * stay for the time of the age after a break.
 */
export const EXPIRE = script(
  CATALOG,
  `
local sweeps = base .. ':sweeps'
local last, since = unpack(call('HMGET', sweeps, 'last', 'since'))
last, since = soundNumber(last), soundNumber(since)
local ended = 0
if not last or not since or math.abs(now - last) > ${BREAK} then since, ended = now, 1 end
call('HSET', sweeps, 'last', now, 'since', since)
local oldest = now - ARGV[2]
if since > oldest then return {ended, false} end
for _, id in ipairs(call('ZRANGEBYSCORE', SEEN, '-inf', '(' .. oldest, 'LIMIT', 0, ${DROPPED_AT_ONCE})) do
  local departure = drop(id)
  if departure[1] then return {ended, departure} end
end
return {ended, false}
`,
);

/**
 * Stores metainfo. ARGV[2]: info-hash; [3]: metainfo; [4]: limit of all bytes; [5]: 1 if the content is known that it proves;
 * [6], [7]: content id and number of files of that, or empty. Returns 1; 0 when no seeder holds the torrent; or -1 and the
 * bytes that are taken.
 */
export const ADD_METAINFO = script(
  CATALOG,
  `
if call('EXISTS', key('of', ARGV[2])) == 0 then return {0, 0} end
local isThere, taken = call('HEXISTS', METAINFO, ARGV[2]) == 1, counted('bytes')
if not isThere and taken + #ARGV[3] > tonumber(ARGV[4]) then return {-1, taken} end
if ARGV[5] == '1' then correct(ARGV[2], ARGV[6], ARGV[7]) end
if isThere then return {1, 0} end
call('HSET', METAINFO, ARGV[2], ARGV[3])
add('bytes', #ARGV[3])
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
