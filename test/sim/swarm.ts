import { expect } from 'vitest';
import { type ReportError, seededRandom } from '../../src/util/index.ts';
import { FakeClock } from '../support/index.ts';
import { ScriptedPeer, type ScriptedPeerOptions } from './scripted-peer.ts';
import { SimNetwork } from './sim-network.ts';
import { SimPeer, type SimPeerOptions } from './sim-peer.ts';
import { simSeed } from './sim-seed.ts';
import { makeTorrent, type SimTorrent, type TorrentPlan } from './sim-torrent.ts';

/** A time after closing that is longer than any timer of the engine may go on. */
const AFTERMATH_MS = 60_000;

/** The sessions of a simulation, and what must hold for all of them. */
export class Swarm {
  readonly clock = new FakeClock();
  readonly network: SimNetwork;
  readonly torrent: SimTorrent;
  readonly peers: SimPeer[] = [];
  readonly reports: string[] = [];
  readonly #report: ReportError = (error, context) => this.reports.push(`${context}: ${error.stack}`);

  constructor(seed: number, torrent: SimTorrent) {
    this.network = new SimNetwork(this.clock, seededRandom(seed));
    this.torrent = torrent;
  }

  /** The size of the torrent in bytes. */
  get size(): number {
    return this.torrent.stream.length;
  }

  addSeed(options?: SimPeerOptions): Promise<SimPeer> {
    return this.#add(true, options);
  }

  addLeecher(options?: SimPeerOptions): Promise<SimPeer> {
    return this.#add(false, options);
  }

  /** One that says and answers what the test wants. */
  addScripted(options: ScriptedPeerOptions): ScriptedPeer {
    return new ScriptedPeer(this.network, this.torrent, options);
  }

  /** Each of these, unless told otherwise the leechers, hears of every session. */
  introduceAll(peers: readonly SimPeer[] = this.peers.filter((peer) => !peer.isComplete)): void {
    for (const peer of peers) {
      const others = this.peers.filter((other) => other !== peer);
      peer.torrent.addPeers(others.map((other) => other.address));
    }
  }

  /** @returns milliseconds it took */
  async untilComplete(peers: readonly SimPeer[], limitMs: number): Promise<number> {
    const took = await this.clock.runUntil(() => peers.every((peer) => peer.isComplete), limitMs);
    for (const peer of peers) {
      expect(peer.hasRightBytes, 'the bytes are right').toBe(true);
      expect(peer.completeCount, 'completion is told once').toBe(1);
      expect(peer.torrent.stats.left, 'nothing is left').toBe(0);
      expect(peer.pieces.length, 'each piece is told once').toBe(new Set(peer.pieces).size);
    }
    return took;
  }

  /** Closes sessions and checks that nothing of them remains. */
  async close(peers: readonly SimPeer[] = this.peers): Promise<void> {
    let isClosed = false;
    const closing = Promise.all(peers.map((peer) => peer.session.close())).then(() => {
      isClosed = true;
    });
    await this.clock.runUntil(() => isClosed, AFTERMATH_MS);
    await closing;
    const writes = peers.map(({ storage }) => storage.writeCount);
    for (const { storage } of peers) expect(storage.underWay, 'the disk is left alone').toBe(0);
    await this.clock.pass(AFTERMATH_MS);
    for (const [at, { session, host, storage }] of peers.entries()) {
      expect(session.usage).toEqual({
        connections: 0,
        unverified: 0,
        pieceBytes: 0,
        readCacheBytes: 0,
        waitingBytes: 0,
        hashTreeBytes: 0,
      });
      expect(host.connections.size, 'no connection stays open').toBe(0);
      expect(storage.writeCount, 'nothing is written after closing').toBe(writes[at]);
    }
  }

  /** Describes the state of each peer, for the message of a failure. */
  describe(): string {
    const lines = this.peers.map(({ host, torrent, session, failures }) => {
      const { have, stats } = torrent;
      const { connections, pieceBytes } = session.usage;
      const state = { has: have.count, peers: stats.peers, known: stats.known, connections, pieceBytes };
      return `${host.ip} ${JSON.stringify(state)} ${failures.map((error) => error.message).join('; ')}`;
    });
    return [...lines, ...this.reports].join('\n');
  }

  async #add(isSeed: boolean, options: SimPeerOptions | undefined): Promise<SimPeer> {
    const peer = await SimPeer.open(this.network, this.torrent, isSeed, this.#report, options);
    this.peers.push(peer);
    return peer;
  }
}

/**
 * Runs a scenario, closes what it opened, and checks that nothing is left and nothing was reported. The seed stands in
 * the message of every failure.
 */
export async function simulate(
  defaultSeed: number,
  plan: TorrentPlan,
  scenario: (swarm: Swarm) => Promise<void>,
): Promise<void> {
  const seed = simSeed(defaultSeed);
  const swarm = new Swarm(seed, makeTorrent(plan));
  try {
    await scenario(swarm);
    await swarm.close();
    expect(swarm.clock.pendingCount, 'no timer is left').toBe(0);
    expect(swarm.reports).toEqual([]);
  } catch (error) {
    throw new Error(`Seed ${seed}: ${(error as Error).message}\n${swarm.describe()}`, {
      cause: error,
    });
  }
}
