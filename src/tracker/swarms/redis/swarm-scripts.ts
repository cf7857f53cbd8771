import { script } from '../../redis/index.ts';

/*
 * The keys of a swarm, all with one hash tag, so that a cluster has them on one server:
 *
 *   shoal:{<info-hash>}      hash: address -> role, peer id and holder; and of the swarm: `born`, `downloaded`, `sets`, those of
 *                            the following that there may be, `ends`, when all of them end, and `crowded`, 1 since an
 *                            address or a network had many peers
 *   shoal:{<info-hash>}:s4   sorted set of seeders over IPv4: address and peer id, by when they were heard of last
 *   shoal:{<info-hash>}:p4   the same of partial seeds, :d4 of downloaders, and :s6, :p6, :d6 over IPv6
 *
 *   shoal:{<info-hash>}:a4   sorted set, in the order of their bytes: addresses over IPv4, :a6 over IPv6, so that those of
 *                            one address are counted; :n, the client and the address of each that a client has named
 *
 * The holder of a record is nothing for the address itself, `r` for the registry, or the 4 or 16 bytes of the client that
 * has named the address.
 *
 * Since a set is sorted by time, expired peers are at its start. Counting and picking begin behind them, so a response is
 * exact even if many wait to be removed. Each call removes at most STALE_REMOVED of a set, and keys that nobody writes to
 * any more expire by themselves, soon after their last peer.
 *
 * A server that is short of memory removes single keys. Sets whose hash is gone are removed before the swarm begins anew,
 * because a peer could be in two of them. If a set is gone, its peers are added again when they announce; the entries of
 * those that do not are found later, some at a time.
 *
 * Scripts remove what is damaged, and only that: a key of another kind, and members of another length. A hash of another
 * kind, or one that names keys that are no sets, is removed with all of its swarm, which begins anew.
 *
 * Scripts read the server's clock and take randomness as a value, and servers replicate what they write, not the script: so
 * they are the same on Redis from 6.2 on and on Valkey.
 */

/** The most expired peers that one call removes from a set. */
const STALE_REMOVED = 100;
/** The most entries of a hash that one call looks at when there are more entries than peers. */
const ENTRIES_CHECKED = 500;
/** The most peers of one address in a swarm that one call looks at. */
const INDEX_READ = 2000;
/** The number of fields of a hash that are of the swarm itself: `born`, `downloaded`, `sets`, `ends`, `crowded`. */
const OWN_FIELDS = 5;
/** The number of peers of one address, or of one public network, from which on addresses take turns in responses. */
const CROWD = 8;
/** The number of peers of a crowded swarm that are picked for a response, among which addresses take turns. */
const PICKED_IN_TURNS = 1024;

/**
 * The start of all scripts of a swarm. ARGV[1]: ttl; [2], [3]: now and the oldest time that counts, for tests, or empty;
 * [4]: address of the peer, or empty; [5]: the holder of the announced record.
 */
const SWARM = `
local base, ttl, address = KEYS[1], tonumber(ARGV[1]), ARGV[4]
local now = tonumber(ARGV[2])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
local oldest = tonumber(ARGV[3]) or now - ttl
local function forgetSwarm()
  redis.call('UNLINK', base, base .. ':s4', base .. ':p4', base .. ':d4', base .. ':s6', base .. ':p6', base .. ':d6',
    base .. ':a4', base .. ':a6', base .. ':n')
end
-- A command on the index of a swarm, which is begun anew when it is damaged.
local function onIndex(command, key, ...)
  local answer = redis.pcall(command, key, ...)
  if type(answer) ~= 'table' or not answer.err then return answer end
  redis.call('UNLINK', key)
  return redis.call(command, key, ...)
end
local fields = redis.pcall('HMGET', base, address, 'born', 'sets', 'ends', 'crowded')
if fields.err then fields = {false, false, 'damaged', false, false} end
local entry, born, sets, ends, crowded = unpack(fields)
-- A time that is none, or that no tracker can have written, is not there.
local function soundTime(value)
  local time = tonumber(value or '')
  return time and math.abs(time) <= 9007199254740991 and time or nil
end
born, sets, ends = soundTime(born), sets or '', soundTime(ends)
if string.gsub(sets, '[spd][46]', '') ~= '' then
  forgetSwarm()
  entry, born, sets, ends = false, nil, '', nil
end
local live = {s4 = 0, p4 = 0, d4 = 0, s6 = 0, p6 = 0, d6 = 0}
local stale = {s4 = 0, p4 = 0, d4 = 0, s6 = 0, p6 = 0, d6 = 0}
local known = 0
for i = 1, #sets, 2 do
  local name = string.sub(sets, i, i + 1)
  local size = redis.pcall('ZCARD', base .. ':' .. name)
  if type(size) == 'table' then
    redis.call('UNLINK', base .. ':' .. name)
  elseif size > 0 then
    stale[name] = redis.call('ZCOUNT', base .. ':' .. name, '-inf', '(' .. oldest)
    live[name] = size - stale[name]
    known = known + live[name]
  end
end
`;

/** Says whether the record of a peer that has not expired is one that the caller may not change. */
const IS_OTHERS = `
local by, isOthers = ARGV[5], false
local function mayChange(holder)
  return by == holder or by == 'r' or (by == '' and holder ~= 'r')
end
local function wasHeardInTime(of)
  local set = base .. ':' .. string.sub(of, 1, 1) .. (#address == 6 and '4' or '6')
  local seen = redis.pcall('ZSCORE', set, address .. string.sub(of, 2, 21))
  return type(seen) == 'string' and tonumber(seen) >= oldest
end
if entry and not mayChange(string.sub(entry, 22)) then isOthers = wasHeardInTime(entry) end
`;

/** Takes the peer out of its set; `before` is its role, if it has not expired. */
const TAKE_OUT = `
local before
local role = entry and string.sub(entry, 1, 1)
local name = role and role .. (#address == 6 and '4' or '6')
if name and live[name] and not isOthers then
  local member = address .. string.sub(entry, 2, 21)
  local set = base .. ':' .. name
  local seen = stale[name] > 0 and redis.call('ZSCORE', set, member)
  if redis.call('ZREM', set, member) == 1 then
    if seen and tonumber(seen) < oldest then stale[name] = stale[name] - 1
    else before, live[name], known = role, live[name] - 1, known - 1 end
  end
end
`;

/**
 * Records a peer and picks others. ARGV[6]: peer id; [7]: role, `s`, `p` or `d`; [8]: 1 if it has just completed; [9]: peers
 * wanted; [10]: a random number; [11]: the most peers of a swarm; [12], [13]: the number of bytes of the address that name
 * its site, and the most peers of a site; [14], [15]: the same for its customer; [16]: the most peers that a client may
 * name; [17]: the number of bytes of the address that name its network, 0 for a private address.
 *
 * Returns complete, incomplete, age, and uploaders and downloaders over IPv4, and over IPv6: records of address and id. For
 * a crowded swarm these are more than wanted.
 */
export const ANNOUNCE = script(
  SWARM,
  IS_OTHERS,
  TAKE_OUT,
  `
local id, role, want, random, limit = ARGV[6], ARGV[7], tonumber(ARGV[9]), tonumber(ARGV[10]), tonumber(ARGV[11])
if crowded and want > 0 then want = math.max(want, ${PICKED_IN_TURNS}) end
local own, other = '4', '6'
if #address ~= 6 then own, other = other, own end

for i = 1, #sets, 2 do
  local name = string.sub(sets, i, i + 1)
  if stale[name] > 0 then
    local set = base .. ':' .. name
    local gone = redis.call('ZRANGE', set, 0, math.min(stale[name], ${STALE_REMOVED}) - 1)
    redis.call('ZREMRANGEBYRANK', set, 0, #gone - 1)
    for at = 1, #gone do gone[at] = string.sub(gone[at], 1, -21) end
    redis.call('HDEL', base, unpack(gone))
    onIndex('ZREM', base .. ':a' .. string.sub(name, 2), unpack(gone))
    stale[name] = stale[name] - #gone
  end
end

-- Members at places [from, to) of those of a set that count, behind what was read already.
local function read(name, from, to, members)
  from, to = math.max(from, 0), math.min(to, live[name])
  if from >= to then return members end
  local part = redis.call('ZRANGE', base .. ':' .. name, stale[name] + from, stale[name] + to - 1)
  if not members then return part end
  for at = 1, #part do members[#members + 1] = part[at] end
  return members
end

local function bytesIn(name) return string.sub(name, 2) == '4' and 26 or 38 end
local function removeDamaged(members, first, second)
  local sound = {}
  for at = 1, #members do
    if #members[at] == bytesIn(first) then sound[#sound + 1] = members[at]
    else
      redis.call('ZREM', base .. ':' .. first, members[at])
      if second then redis.call('ZREM', base .. ':' .. second, members[at]) end
    end
  end
  return sound
end

-- Up to count members of one set, or of two laid end to end, from a random one on and going round; one more is read, in
-- place of the asker, should it stand there at another address.
local function take(count, first, second)
  local length = live[first]
  local total = length + (second and live[second] or 0)
  if total == 0 or count <= 0 then return '' end
  local run, start = math.min(count + 1, total), random % total
  local stop, members = math.min(start + run, total), nil
  local rest = start + run - total
  members = read(first, start, stop, members)
  if second then members = read(second, start - length, stop - length, members) end
  if rest > 0 then
    members = read(first, 0, rest, members)
    if second then members = read(second, 0, rest - length, members) end
  end
  local joined = table.concat(members, '', 1, math.min(#members, count))
  if #joined ~= math.min(#members, count) * bytesIn(first) then
    members = removeDamaged(members, first, second)
    joined = table.concat(members, '', 1, math.min(#members, count))
  end
  if not string.find(joined, id, 1, true) then return joined end
  local others = {}
  for at = 1, #members do
    if #others < count and string.sub(members[at], -20) ~= id then others[#others + 1] = members[at] end
  end
  return table.concat(others)
end
local function takeFamily(family, count)
  if count <= 0 then return '', '', 0 end
  local bytes, up = bytesIn('d' .. family), ''
  if role == 'd' then
    local half = math.max(math.ceil(count / 2), count - live['d' .. family])
    up = take(half, 's' .. family, 'p' .. family)
  end
  local down = take(count - #up / bytes, 'd' .. family)
  return up, down, (#up + #down) / bytes
end
local up, down, taken = takeFamily(own, want)
local otherUp, otherDown = takeFamily(other, want - taken)

-- Removes entries of peers that stand in no set, as one that was evicted: those among some that are picked at random.
local function removeStrays()
  local members = 0
  for i = 1, #sets, 2 do
    local name = string.sub(sets, i, i + 1)
    members = members + live[name] + stale[name]
  end
  if redis.call('HLEN', base) <= members + ${OWN_FIELDS} then return end
  local strays, picked = {}, redis.call('HRANDFIELD', base, ${ENTRIES_CHECKED}, 'WITHVALUES')
  for at = 1, #picked, 2 do
    local field, value = picked[at], picked[at + 1]
    local family = #field == 6 and '4' or #field == 18 and '6'
    if family then
      local set = base .. ':' .. string.sub(value, 1, 1) .. family
      if not redis.call('ZSCORE', set, field .. string.sub(value, 2, 21)) then strays[#strays + 1] = field end
    end
  end
  if #strays > 0 then redis.call('HDEL', base, unpack(strays)) end
end

-- A peer too many of one stranger takes the place of another one of the same: see AddressShare of the store in memory.
local function lastHeard(peer, peerEntry)
  local set = base .. ':' .. string.sub(peerEntry, 1, 1) .. (#peer == 6 and '4' or '6')
  local seen = redis.pcall('ZSCORE', set, peer .. string.sub(peerEntry, 2, 21))
  seen = type(seen) == 'string' and tonumber(seen)
  return seen and seen >= oldest and seen
end
local function forget(peer, peerEntry)
  local name = string.sub(peerEntry, 1, 1) .. (#peer == 6 and '4' or '6')
  redis.call('ZREM', base .. ':' .. name, peer .. string.sub(peerEntry, 2, 21))
  redis.call('HDEL', base, peer)
  onIndex('ZREM', base .. ':a' .. string.sub(name, 2), peer)
  live[name], known = live[name] - 1, known - 1
end
local function isNamed(holder) return holder ~= '' and holder ~= 'r' end
-- The members of an index that begin alike and stand for peers that are there; the others leave the index.
local function peersIn(index, prefix, length, most, isTheirs)
  local low, high = '[' .. prefix, '[' .. prefix .. string.rep(string.char(255), length - #prefix)
  if onIndex('ZLEXCOUNT', index, low, high) < most then return {} end
  local peers = {}
  for _, member in ipairs(redis.call('ZRANGEBYLEX', index, low, high, 'LIMIT', 0, ${INDEX_READ})) do
    local peer = string.sub(member, #member - #address + 1)
    local of = redis.call('HGET', base, peer)
    local seen = of and isTheirs(string.sub(of, 22)) and lastHeard(peer, of)
    if seen then peers[#peers + 1] = {peer, of, seen}
    else redis.call('ZREM', index, member) end
  end
  return peers
end
-- Tells whether some of an address or of a network are there, with the one that comes now.
local function isCrowdOf(prefix)
  local low, high = '[' .. prefix, '[' .. prefix .. string.rep(string.char(255), #address - #prefix)
  return onIndex('ZLEXCOUNT', base .. ':a' .. own, low, high) >= ${CROWD}
end
local function oldestOf(peers, fits)
  local found
  for _, each in ipairs(peers) do
    if fits(string.sub(each[2], 22), string.sub(each[2], 1, 1)) and (not found or each[3] < found[3]) then found = each end
  end
  return found
end
local function givesWay(peers)
  if isNamed(by) then return oldestOf(peers, function(holder) return holder == by end) end
  local named = oldestOf(peers, isNamed)
  if named then return named end
  local ahead = 0
  for _, each in ipairs(peers) do ahead = ahead + (string.sub(each[2], 1, 1) == 'd' and -1 or 1) end
  local isUp = ahead > 0 or (ahead == 0 and role ~= 'd')
  return oldestOf(peers, function(holder, of) return holder ~= 'r' and (of ~= 'd') == isUp end)
    or oldestOf(peers, function(holder) return holder ~= 'r' end)
end
local hasRoom = true
if not before and not isOthers and known > 0 then
  for at = 12, 14, 2 do
    local most = tonumber(ARGV[at + 1])
    local peers = peersIn(base .. ':a' .. own, string.sub(address, 1, tonumber(ARGV[at])), #address, most,
      function() return true end)
    if hasRoom and #peers >= most then
      local gone = givesWay(peers)
      if gone then forget(gone[1], gone[2]) else hasRoom = false end
    end
  end
  if hasRoom and isNamed(by) then
    local most = tonumber(ARGV[16])
    local peers = peersIn(base .. ':n', by, #by + #address, most, function(holder) return holder == by end)
    local gone = #peers >= most and oldestOf(peers, isNamed)
    if gone then forget(gone[1], gone[2]) end
  end
end

local age = 0
if known > 0 or before then age = now - (born or now)
else
  forgetSwarm()
  entry, born, sets, ends = false, nil, '', nil
end
-- Who is known stays, also where the limit was lowered.
if not isOthers and hasRoom and (known < limit or before) then
  local name = role .. own
  redis.call('ZADD', base .. ':' .. name, now, address .. id)
  local isNew = live[name] + stale[name] == 0
  if not before then
    onIndex('ZADD', base .. ':a' .. own, 0, address)
    if isNamed(by) then onIndex('ZADD', base .. ':n', 0, by .. address) end
    local network = tonumber(ARGV[17])
    if not crowded and (isCrowdOf(string.sub(address, 1, tonumber(ARGV[12])))
      or (network > 0 and isCrowdOf(string.sub(address, 1, network)))) then redis.call('HSET', base, 'crowded', 1) end
  end
  live[name] = live[name] + 1
  if entry ~= role .. id .. by then redis.call('HSET', base, address, role .. id .. by) end
  if not string.find(sets, name, 1, true) then
    sets = sets .. name
    redis.call('HSET', base, 'sets', sets)
  end
  if not born then redis.call('HSET', base, 'born', now) end
  if ARGV[8] == '1' and role == 's' and before and before ~= 's' then
    local downloaded = redis.pcall('HINCRBY', base, 'downloaded', 1)
    if type(downloaded) == 'table' then redis.call('HSET', base, 'downloaded', 1) end
  end
  -- Ends are put off by a quarter more than is needed, so that not every call has to, and never brought forward.
  local life, left = math.floor(ttl * 1.25), ends and ends - now or 0
  if left < ttl then
    redis.call('HSET', base, 'ends', now + life)
    redis.call('PEXPIRE', base, life)
    for i = 1, #sets, 2 do redis.call('PEXPIRE', base .. ':' .. string.sub(sets, i, i + 1), life) end
    for _, index in ipairs({':a4', ':a6', ':n'}) do redis.call('PEXPIRE', base .. index, life) end
    if ends then removeStrays() end
  elseif isNew or not before then
    for _, key in ipairs({name, 'a' .. own, 'n'}) do redis.call('PEXPIRE', base .. ':' .. key, math.max(life, left)) end
  end
elseif entry and not isOthers then
  redis.call('HDEL', base, address)
end
if own == '6' then up, down, otherUp, otherDown = otherUp, otherDown, up, down end
return {live.s4 + live.s6, live.p4 + live.p6 + live.d4 + live.d6, age, up, down, otherUp, otherDown}
`,
);

/** Removes a peer. The registry removes only its own records. */
export const LEAVE = script(
  SWARM,
  IS_OTHERS,
  `
if entry and by == 'r' and string.sub(entry, 22) ~= 'r' then isOthers = wasHeardInTime(entry) end
if isOthers then return end
`,
  TAKE_OUT,
  `
if known == 0 then forgetSwarm() elseif entry then
  redis.call('HDEL', base, address)
  onIndex('ZREM', base .. ':a' .. (#address == 6 and '4' or '6'), address)
end
`,
);

/** Returns the numbers of seeders, partial seeds, downloaders and downloads; nothing for a swarm without peers. */
export const SCRAPE = script(
  SWARM,
  `
if known == 0 then return false end
local downloaded = tonumber(redis.call('HGET', base, 'downloaded') or 0) or 0
return {live.s4 + live.s6, live.p4 + live.p6, live.d4 + live.d6, downloaded}
`,
);
