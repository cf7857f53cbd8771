import { type Address, clientKey, formatAddress, parseIp } from '../../../util/index.ts';
import { claimantOf } from '../../core/index.ts';
import { AddressTakenError, type NewSeeder, type StoredSeeder } from './catalog.ts';

/**
 * Decides whether a seeder may replace another one that is registered at the same address and port. A seeder that registers
 * from the address itself always may, because it may have crashed and come back. A client that names an address which is not
 * its own may replace only a seeder that it has registered itself: otherwise it could take every other seeder off the list.
 */
export function mayReplace(
  { claimedBy }: Pick<NewSeeder, 'claimedBy'>,
  known: Pick<NewSeeder, 'claimedBy'>,
): boolean {
  return claimedBy === undefined || claimedBy === known.claimedBy;
}

/**
 * Gives the owner for whom a seeder counts: the client that named its address, or else that address; over IPv6 the /48. All
 * addresses of this machine are one owner.
 */
export function ownerOf({ claimedBy, address }: Pick<NewSeeder, 'claimedBy' | 'address'>): string {
  const host = claimedBy ?? address.host;
  const ip = parseIp(host);
  return String(ip === undefined ? host : clientKey(claimantOf({ host, ip })));
}

/** Decides whether a seeder may be handed out to others: one at a claimed address only once it has answered there. */
export function mayBeHandedOut({ claimedBy, isReachable }: StoredSeeder): boolean {
  return claimedBy === undefined || isReachable === true;
}

export function addressTaken(address: Address): AddressTakenError {
  return new AddressTakenError(
    'ADDRESS_TAKEN',
    `Another seeder is registered at ${formatAddress(address)}; register from that address, or with another host or port`,
  );
}
