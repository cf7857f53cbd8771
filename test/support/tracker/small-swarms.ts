import type { PeerRole, RecordHolder, SwarmResponse, SwarmStore } from '../../../src/tracker/swarms/index.ts';
import type { ScrapeEntry } from '../../../src/tracker-protocol/index.ts';
import {
  type Address,
  type AddressRange,
  decodeCompactAddresses,
  encodeCompactAddress,
  formatAddress,
  parseInfoHash,
} from '../../../src/util/index.ts';

export interface AnnounceExtras {
  readonly swarm?: number;
  readonly family?: 4 | 6;
  readonly peerId?: number;
  readonly numWant?: number;
  readonly withPeerIds?: boolean;
  readonly isCompleted?: boolean;
  readonly near?: readonly AddressRange[];
  /** The address of the peer in place of that of its number; its port stays. */
  readonly host?: string;
  /** The holder of the record, if it is not the peer's own address. */
  readonly heldBy?: RecordHolder;
}

/** A store spoken to in small numbers: peer 7 is 10.0.0.7 or fd00::7, port 7, and in swarm 1 unless told otherwise. */
/** Announces that are under way at a time. */
const AT_ONCE = 200;

export class SmallSwarms {
  now = 0;
  readonly store: SwarmStore;

  constructor(store: SwarmStore) {
    this.store = store;
  }

  async raw(peer: number, role: PeerRole, extras: AnnounceExtras = {}): Promise<SwarmResponse> {
    const { swarm = 1, family = 4, peerId = peer, numWant = 1000, withPeerIds = false, near } = extras;
    return this.store.announce(
      infoHashOf(swarm),
      { address: compact(peer, family, extras.host), peerId: peerIdOf(peerId), role, heldBy: extras.heldBy },
      { numWant, withPeerIds, ...(near && { near }) },
      extras.isCompleted ?? false,
      this.now,
    );
  }

  async announce(
    peer: number,
    role: PeerRole,
    extras: AnnounceExtras = {},
  ): Promise<{ complete: number; incomplete: number; peers: number[] }> {
    const answer = await this.raw(peer, role, extras);
    const peers = keysOf(answer).map((key) => Number(key.slice(2)));
    return {
      complete: answer.complete,
      incomplete: answer.incomplete,
      peers: peers.sort((a, b) => a - b),
    };
  }

  /** Announces peers from one number to another, in that order, without waiting for each. */
  async announceAll(
    from: number,
    to: number,
    of: (peer: number) => readonly [role: PeerRole, extras?: AnnounceExtras],
  ): Promise<void> {
    for (let start = from; start <= to; start += AT_ONCE) {
      const count = Math.min(AT_ONCE, to - start + 1);
      await Promise.all(
        Array.from({ length: count }, (_, at) => {
          const [role, extras] = of(start + at);
          return this.raw(start + at, role, { numWant: 0, ...extras });
        }),
      );
    }
  }

  async leave(
    peer: number,
    family: 4 | 6 = 4,
    swarm = 1,
    { host, heldBy }: Pick<AnnounceExtras, 'host' | 'heldBy'> = {},
  ): Promise<void> {
    await this.store.leave(infoHashOf(swarm), compact(peer, family, host), heldBy);
  }

  async scrape(swarm = 1): Promise<ScrapeEntry | undefined> {
    return this.store.scrape(infoHashOf(swarm));
  }

  /** A whole round of expiry. @returns how many steps it took */
  async expire(): Promise<number> {
    for (let steps = 1; ; steps += 1) if (await this.store.expire(this.now)) return steps;
  }
}

/** Family and number of each peer that was handed out: `6/7`. */
export function keysOf({ peers }: SwarmResponse): string[] {
  const v4 = decodeCompactAddresses(peers.ipv4, 6)!;
  const v6 = decodeCompactAddresses(peers.ipv6, 18)!;
  return [...v4.map(({ port }) => `4/${port}`), ...v6.map(({ port }) => `6/${port}`)];
}

export function peerIdOf(number: number): Uint8Array {
  return Buffer.from(`-XX0001-${String(number).padStart(12, '0')}`);
}

function infoHashOf(swarm: number): ReturnType<typeof parseInfoHash> {
  return parseInfoHash(swarm.toString(16).padStart(40, '0'));
}

function compact(peer: number, family: 4 | 6, host?: string): Uint8Array {
  const address: Address = {
    host: host ?? (family === 4 ? `10.0.${peer >> 8}.${peer & 255}` : `fd00::${peer.toString(16)}`),
    port: peer,
  };
  const bytes = encodeCompactAddress(address);
  if (bytes === undefined) throw new RangeError(`${formatAddress(address)} is no address`);
  return bytes;
}
