import { lookup as dnsLookup } from 'node:dns/promises';
import { mayDial } from '../net/index.ts';
import type { NamedPeer } from '../tracker-protocol/index.ts';
import { type Address, canonicalIp } from '../util/index.ts';

/** Names of peers that wait to be looked up, over all torrents; those of an answer beyond are left out. */
export const MAX_WAITING_NAMES = 64;

/** Finds the addresses of a host name: `lookup()` of `node:dns/promises`, or a test's. */
export type LookUp = (name: string) => Promise<readonly { readonly address: string }[]>;

let waiting = 0;
let last: Promise<unknown> = Promise.resolve();

/**
 * Looks up the peers that an answer of a tracker gave by name, one after the other over all torrents: a name that nobody
 * answers for takes a thread of the few that also serve the disk.
 *
 * A tracker must not be able to aim peers at machines that only they can reach: {@link mayDial} decides. A handshake of
 * BitTorrent is harmless. The address that was checked is the one that is connected to.
 *
 * @param trackerIp the address that the answer came from; `undefined` when it is not known
 * @returns one address for each name that has one; never rejects
 */
export async function lookUpPeers(
  peers: readonly NamedPeer[],
  trackerIp: string | undefined,
  lookUp: LookUp = (name) => dnsLookup(name, { all: true }),
): Promise<Address[]> {
  const mayUse = (ip: string) => mayDial(ip, { namedBy: { server: trackerIp }, isHarmless: true });
  const taken = peers.slice(0, MAX_WAITING_NAMES - waiting);
  const found = taken.map(async ({ name, port }): Promise<Address[]> => {
    const ips = (await inTurn(() => lookUp(name))).flatMap(({ address }) => canonicalIp(address) ?? []);
    const host = ips.find(mayUse);
    return host === undefined ? [] : [{ host, port }];
  });
  return (await Promise.all(found)).flat();
}

/** Does `work` after all that was given to this before. @returns nothing when it fails */
async function inTurn<T>(work: () => Promise<readonly T[]>): Promise<readonly T[]> {
  waiting += 1;
  const done = last.then(work).catch((): readonly T[] => []);
  last = done;
  const result = await done;
  waiting -= 1;
  return result;
}
