import {
  type CatalogLimits,
  tooManySeeders,
  tooManySeedersOfAddress,
  tooManyTorrents,
  tooManyTorrentsOfAddress,
} from '../catalog-limits.ts';
import type { SeederEntry } from './seeder-entries.ts';
import type { Share } from './shares.ts';

type Limits = Required<CatalogLimits>;

/**
 * Checks whether the catalog has room for a seeder and its list. A known seeder may come back with a list that is no longer
 * than before, whatever the limits are now.
 *
 * @param seeders the number of seeders that are registered
 * @param holdings the number of torrents in all their lists
 * @param replaced the entries that the new one replaces
 * @param count the number of torrents in the new list
 * @throws {CatalogFullError} TOO_MANY_SEEDERS, TOO_MANY_TORRENTS
 */
export function checkRoom(
  { maxSeeders, maxHoldings }: Limits,
  seeders: number,
  holdings: number,
  replaced: readonly SeederEntry[],
  count: number,
): void {
  if (replaced.length === 0 && seeders >= maxSeeders) throw tooManySeeders(maxSeeders);
  const held = replaced.reduce((sum, { list }) => sum + list.length, 0);
  const others = holdings - held;
  if (count > held && others + count > maxHoldings) throw tooManyTorrents(count, others, maxHoldings);
}

/**
 * Checks whether the share of an owner has room for a seeder and its list, by the same rule.
 *
 * @param weight the number of torrents that the new list counts as
 * @throws {CatalogFullError} TOO_MANY_SEEDERS, TOO_MANY_TORRENTS
 */
export function checkShare(
  { maxSeedersPerAddress, maxHoldingsPerAddress }: Limits,
  share: Share,
  replaced: readonly SeederEntry[],
  weight: number,
): void {
  const own = replaced.filter((entry) => entry.share === share);
  if (own.length === 0 && share.seeders >= maxSeedersPerAddress) {
    throw tooManySeedersOfAddress(maxSeedersPerAddress);
  }
  const held = own.reduce((sum, entry) => sum + entry.weight, 0);
  const others = share.torrents - held;
  if (weight > held && others + weight > maxHoldingsPerAddress) {
    throw tooManyTorrentsOfAddress(weight, others, maxHoldingsPerAddress);
  }
}
