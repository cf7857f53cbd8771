import type { Address } from '../../util/index.ts';
import { type ClientAddress, isLoopback, reachableHost } from '../core/index.ts';
import { RegistryError } from '../errors/index.ts';
import type { CheckedRegistration } from './checked-torrent.ts';

/**
 * Decides the address at which a seeder is registered.
 *
 * @throws {RegistryError} BAD_FIELD
 */
export function registeredAddress(
  { host: claimed, port }: CheckedRegistration,
  clientAddress: ClientAddress,
): Address {
  const host = reachableHost(clientAddress.host, claimed);
  // For every other peer, a loopback address is its own and not the seeder's.
  const isFeigned = host !== undefined && isLoopback(host) && !isLoopback(clientAddress.host);
  if (host !== undefined && !isFeigned) return { host, port };
  throw new RegistryError(
    'BAD_FIELD',
    `must be the address the request comes from, ${clientAddress.host}, or both must be private addresses`,
    { field: 'host' },
  );
}
