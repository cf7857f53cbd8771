import { type Address, clientKey, formatAddress, parseIp } from '../../../util/index.ts';
import { claimantOf } from '../../core/index.ts';
import { AddressTakenError, type NewSeeder, type StoredSeeder } from './catalog.ts';

/**
 * Decides whether a seeder may take the place of another one that is registered at the same address and port. The address
 * itself always may, as a seeder that has crashed and come back. A client that names an address which is not its own may
 * replace only what it has named itself: otherwise it could take every other seeder off the list.
 */
export function mayReplace(
  { claimedBy }: Pick<NewSeeder, 'claimedBy'>,
  known: Pick<NewSeeder, 'claimedBy'>,
): boolean {
  return claimedBy === undefined || claimedBy === known.claimedBy;
}

/**
 * The stranger that a seeder counts for: who has named its address, or else that address, over IPv6 the /48. This machine is
 * one, by whichever of its addresses.
 */
export function ownerOf({ claimedBy, address }: Pick<NewSeeder, 'claimedBy' | 'address'>): string {
  const host = claimedBy ?? address.host;
  const ip = parseIp(host);
  return String(ip === undefined ? host : clientKey(claimantOf({ host, ip })));
}

/** Decides whether others are told of a seeder: of a claimed address only once the seeder has answered there. */
export function mayBeHandedOut({ claimedBy, isReachable }: StoredSeeder): boolean {
  return claimedBy === undefined || isReachable === true;
}

export function addressTaken(address: Address): AddressTakenError {
  return new AddressTakenError(
    'ADDRESS_TAKEN',
    `Another seeder is registered at ${formatAddress(address)}; register from that address, or with another host or port`,
  );
}
