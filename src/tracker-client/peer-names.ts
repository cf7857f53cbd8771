import { lookup as dnsLookup } from 'node:dns/promises';
import { mayDial } from '../net/index.ts';
import type { NamedPeer } from '../tracker-protocol/index.ts';
import { type Address, canonicalIp } from '../util/index.ts';

/** The most names of peers that wait to be looked up, over all torrents. Further names of a response are ignored. */
export const MAX_WAITING_NAMES = 64;

/** A function that finds the addresses of a host name: `lookup()` of `node:dns/promises`, or a test's. */
export type LookUp = (name: string) => Promise<readonly { readonly address: string }[]>;

let waiting = 0;
let last: Promise<unknown> = Promise.resolve();

/**
 * Looks up the peers that a tracker's response gives by name, one after the other over all torrents. A look-up that gets no
 * answer holds one of the few threads that also serve the disk.
 *
 * A tracker must not aim peers at machines that only they can reach, so {@link mayDial} decides about each address; a
 * BitTorrent handshake counts as harmless. The address that is checked is the one that is connected to.
 *
 * @param trackerIp the address of the tracker that has answered; `undefined` when it is not known
 * @returns one address for each name that has one; the promise never rejects
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

/** Does `work` after all earlier calls of this have ended. @returns an empty list when it fails */
async function inTurn<T>(work: () => Promise<readonly T[]>): Promise<readonly T[]> {
  waiting += 1;
  const done = last.then(work).catch((): readonly T[] => []);
  last = done;
  const result = await done;
  waiting -= 1;
  return result;
}
