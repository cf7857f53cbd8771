import { script } from '../../../redis/index.ts';
import { CATALOG } from './catalog-start.ts';

/* The scripts that look things up in the catalog and change nothing. `catalog-start.ts` describes the keys. */

/**
 * The Lua function `page(set, after, limit, make)`, which returns a page of a sorted set: the number of its members, the
 * next page, and the items. A member for which `make` returns nothing is removed from the set. `pageOf(sets, rows, …)` makes
 * the page of members and scores that come from several sets.
 */
const PAGE = `
local function pageOf(sets, rows, total, limit, make)
  local items, next = {}, ''
  for at = 1, math.min(#rows / 2, limit) do
    local item = make(rows[2 * at - 1])
    if item then items[#items + 1] = item
    else
      total = total - 1
      for _, set in ipairs(sets) do call('ZREM', set, rows[2 * at - 1]) end
    end
    next = rows[2 * at]
  end
  return {total, #rows / 2 > limit and next or '', items}
end
local function rowsOf(set, after, limit)
  return call('ZRANGEBYSCORE', set, '(' .. after, '+inf', 'WITHSCORES', 'LIMIT', 0, limit + 1)
end
local function page(set, after, limit, make)
  return pageOf({set}, rowsOf(set, after, limit), call('ZCARD', set), limit, make)
end
`;

/** ARGV[2]: id. */
export const SEEDER = script(CATALOG, `return seederOf(ARGV[2])`);

/** ARGV[2]: address. */
export const SEEDER_AT = script(
  CATALOG,
  `
local id = call('HGET', AT, ARGV[2])
return id and seederOf(id)
`,
);

/** ARGV[2]: after; [3]: limit. */
export const SEEDERS = script(
  CATALOG,
  PAGE,
  `
return page(PLACES, ARGV[2], tonumber(ARGV[3]), function(id)
  local seeder = seederOf(id)
  if not seeder then drop(id) end
  return seeder
end)
`,
);

/** ARGV[2]: after; [3]: limit; [4]: id. */
export const TORRENTS_OF = script(
  CATALOG,
  PAGE,
  `
if call('HEXISTS', SEEDERS, ARGV[4]) == 0 then return false end
return page(key('holds', ARGV[4]), ARGV[2], tonumber(ARGV[3]), descriptionOf)
`,
);

/**
 * ARGV[2]: after; [3]: limit; and the kind and the value of each thing to look for. A value of the kind `id` may be that of two
 * kinds, so that two selections are joined, which no description is in both.
 */
export const FIND = script(
  CATALOG,
  PAGE,
  `
local after, limit, sets, idAt = ARGV[2], tonumber(ARGV[3]), {}, false
for at = 4, #ARGV, 2 do
  local kind = ARGV[at]
  if kind == 'id' then kind, idAt = 'sha256', #sets + 1 end
  sets[#sets + 1] = key(kind, ARGV[at + 1])
end
-- The rows of the descriptions that are in all sets, from the one on, and the number of all of them.
local function select()
  if #sets < 2 then return rowsOf(sets[1] or ALL, after, limit), call('ZCARD', sets[1] or ALL) end
  -- A set of another kind goes.
  for _, set in ipairs(sets) do call('ZCARD', set) end
  local question = {#sets, unpack(sets)}
  question[#question + 1] = 'AGGREGATE'
  question[#question + 1] = 'MIN'
  local found, rows = redis.call('ZINTER', unpack(question)), {}
  for _, number in ipairs(found) do
    if tonumber(number) > tonumber(after) and #rows / 2 <= limit then
      rows[#rows + 1] = number
      rows[#rows + 1] = number
    end
  end
  return rows, #found
end
local rows, total = select()
local all = {sets[1] or ALL, unpack(sets, 2)}
if idAt then
  sets[idAt] = key('content-id', ARGV[2 + idAt * 2 + 1])
  all[#all + 1] = sets[idAt]
  local others, count = select()
  local merged, at, other = {}, 1, 1
  while at < #rows or other < #others do
    local isOwn = other > #others or (at < #rows and tonumber(rows[at + 1]) < tonumber(others[other + 1]))
    merged[#merged + 1] = isOwn and rows[at] or others[other]
    merged[#merged + 1] = isOwn and rows[at + 1] or others[other + 1]
    if isOwn then at = at + 2 else other = other + 2 end
  end
  rows, total = merged, total + count
end
return pageOf(all, rows, total, limit, listing)
`,
);

/** ARGV[2]: info-hash. */
export const TORRENT = script(
  CATALOG,
  `
local best, most, set = false, -1, key('of', ARGV[2])
for _, number in ipairs(call('ZRANGE', set, 0, -1)) do
  local count = call('ZCARD', key('holders', number))
  if not descriptionOf(number) then call('ZREM', set, number)
  elseif count > most then best, most = number, count end
end
return best and listing(best)
`,
);

/** ARGV[2]: info-hash; [3]: id. */
export const HOLDS = script(
  CATALOG,
  `
for _, number in ipairs(call('ZRANGE', key('of', ARGV[2]), 0, -1)) do
  if call('ZSCORE', key('holders', number), ARGV[3]) then return 1 end
end
return 0
`,
);

/** ARGV[2]: info-hash; [3]: limit. */
export const HOLDERS = script(
  CATALOG,
  `
local found, limit = {}, tonumber(ARGV[3])
for _, number in ipairs(call('ZRANGE', key('of', ARGV[2]), 0, -1)) do
  if #found >= limit then break end
  for _, id in ipairs(call('ZRANGE', key('holders', number), 0, -1)) do
    if #found >= limit then break end
    local seeder = seederOf(id)
    if not seeder then call('ZREM', key('holders', number), id)
    -- A claimed address is handed out once the seeder has answered there.
    elseif seeder[6] == '1' or claimantOf({false, seeder[2]}) == '' then found[#found + 1] = seeder end
  end
end
return found
`,
);
