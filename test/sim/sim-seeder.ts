import { createHash } from 'node:crypto';
import { encodeMetainfo } from '../../src/metainfo/index.ts';
import { Announcer, announceByTrust, SeederRegistration } from '../../src/tracker-client/index.ts';
import { toHex } from '../../src/util/index.ts';
import { SimPeer, type SimPeerOptions } from './sim-peer.ts';
import type { SimTorrent } from './sim-torrent.ts';
import type { SimTracker } from './sim-tracker.ts';
import { trackerPortsOf } from './sim-tracker-ports.ts';
import type { World } from './world.ts';

export interface SimSeederOptions extends SimPeerOptions {
  /** The SHA-256 that it registers for its file; the right one unless given. */
  readonly sha256?: string;
}

/** A seed that is registered with a tracker and announces to it. */
export class SimSeeder {
  readonly peer: SimPeer;
  readonly failures: Error[] = [];
  isRegistered = false;
  readonly #registration: SeederRegistration;
  readonly #announcer: Announcer;

  private constructor(
    world: World,
    tracker: SimTracker,
    content: SimTorrent,
    {
      peer,
      peerId,
      sha256,
    }: { readonly peer: SimPeer; readonly peerId: Uint8Array; readonly sha256: string },
  ) {
    const { clock, network, report } = world;
    const { metainfo } = content;
    const { infoHash, name, length: size } = metainfo;
    const ports = trackerPortsOf(network, peer.host);
    const onFailure = (error: Error) => this.failures.push(error);
    this.peer = peer;
    this.#registration = new SeederRegistration({
      trackerUrl: tracker.url,
      seeder: { port: peer.address.port, peerId: toHex(peerId) },
      torrents: () => [{ infoHash, name, size, sha256, metainfo: encodeMetainfo(metainfo) }],
      onRegistered: () => {
        this.isRegistered = true;
      },
      onFailure,
      ports,
      clock,
      random: network.random,
      report,
    });
    this.#announcer = new Announcer({
      tiers: [[tracker.announceUrl]],
      infoHashes: peer.torrent.infoHashes,
      peerId,
      port: peer.address.port,
      stats: () => peer.torrent.stats,
      announce: announceByTrust({ byUser: [tracker.announceUrl], ports }),
      onPeers: (peers) => peer.torrent.addPeers(peers),
      onFailure: (_, error) => onFailure(error),
      clock,
      random: network.random,
      report,
    });
    this.#registration.start();
    this.#announcer.start();
  }

  /** Starts one, and waits until the tracker has it. */
  static async start(
    world: World,
    tracker: SimTracker,
    content: SimTorrent,
    options: SimSeederOptions = {},
  ): Promise<SimSeeder> {
    const { network } = world;
    const peerId = Uint8Array.from({ length: 20 }, () => 256 * network.random.next());
    const peer = await SimPeer.open(network, content, true, world.report, { ...options, peerId });
    const { sha256 = sha256Of(content) } = options;
    const seeder = world.add(new SimSeeder(world, tracker, content, { peer, peerId, sha256 }));
    await world.clock.runUntil(() => seeder.isRegistered, 10_000);
    return seeder;
  }

  async close(): Promise<void> {
    await Promise.all([this.#registration.close(), this.#announcer.close()]);
    await this.peer.session.close();
  }
}

/** Makes the SHA-256 of the one file of a torrent. */
export function sha256Of({ stream }: SimTorrent): string {
  return createHash('sha256').update(stream).digest('hex');
}
