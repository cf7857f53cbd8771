import {
  Announcer,
  type AnnouncerOptions,
  announceByTrust,
  type TransferStats,
} from '../../src/tracker-client/index.ts';
import type { AnnounceResponse } from '../../src/tracker-protocol/index.ts';
import { type Address, formatAddress, parseInfoHash } from '../../src/util/index.ts';
import type { SimHost } from './sim-host.ts';
import { trackerPortsOf } from './sim-tracker-ports.ts';
import type { World } from './world.ts';

const PEER_PORT = 6881;

/** The things that an announcer told, each with the time at which it did. */
export interface Told<T> {
  readonly at: number;
  readonly url: string;
  readonly what: T;
}

export interface SimAnnouncerOptions {
  readonly tiers: AnnouncerOptions['tiers'];
  /** Bytes that the peer lacks; 0, for a seeder, unless given. */
  readonly left?: number;
  /** Runs there instead of on a host of its own. */
  readonly on?: SimHost;
}

/** An announcer on a host, for a torrent that nobody transfers, and what it told. */
export class SimAnnouncer {
  readonly host: SimHost;
  readonly announcer: Announcer;
  readonly responses: Told<AnnounceResponse>[] = [];
  readonly failures: Told<Error>[] = [];
  /** Addresses of the peers that trackers named. */
  readonly peers = new Set<string>();

  constructor(world: World, { tiers, left = 0, on = world.network.addHost() }: SimAnnouncerOptions) {
    const { clock, network, report } = world;
    const stats: TransferStats = { uploaded: 0, downloaded: 0, left };
    this.host = on;
    this.announcer = new Announcer({
      tiers,
      infoHashes: [parseInfoHash('ab'.repeat(20))],
      peerId: Buffer.from(`-SIM-${on.ip}`.padEnd(20, '-')),
      port: PEER_PORT,
      stats: () => stats,
      announce: announceByTrust({ byUser: tiers.flat(), ports: trackerPortsOf(network, on) }),
      onPeers: (peers: readonly Address[]) => {
        for (const peer of peers) this.peers.add(formatAddress(peer));
      },
      onResponse: (url, what) => this.responses.push({ at: clock.now(), url, what }),
      onFailure: (url, what) => this.failures.push({ at: clock.now(), url, what }),
      clock,
      random: network.random,
      report,
    });
    this.announcer.start();
    world.add(this);
  }

  get address(): string {
    return formatAddress({ host: this.host.ip, port: PEER_PORT });
  }

  close(): Promise<void> {
    return this.announcer.close();
  }
}
