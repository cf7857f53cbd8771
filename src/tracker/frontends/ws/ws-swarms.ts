import type { ByteText, ScrapeEntry, WsAnnounce } from '../../../tracker-protocol/index.ts';
import { type PeerLink, type WsPeer, WsSwarm } from './ws-swarm.ts';

/** Peers over WebSocket in all swarms together. Each takes some hundred bytes. */
export const MAX_WS_PEERS = 1_000_000;
/** Swarms that one connection may be in: enough for a program that seeds a whole collection. */
export const MAX_WS_PEERS_PER_CONNECTION = 1000;

/** Peers that all connections of one address, or of a /48 over IPv6, may have together. */
export const MAX_WS_PEERS_PER_ADDRESS = 20_000;
/**
 * The part of the remaining room that an address may have. When little is left, addresses with few peers still get in, and
 * those with many do not.
 */
const ROOM_SHARE = 1 / 25;

/** The reasons for which a peer is not let into a swarm. */
export type JoinRefusal = 'peerIdInUse' | 'connectionFull' | 'addressFull';

/**
 * The swarms of peers that meet over WebRTC. They are apart from the swarms of peers over TCP and UDP, since neither can
 * reach the other.
 *
 * **Who owns a peer id**: it belongs to the connection that announced it first in that swarm, until that connection closes,
 * sends `stopped` or is silent for too long. Another connection may take it over only from the same address, which is a
 * client that lost its connection and is back before the tracker noticed. From another address it is refused: every peer
 * learns the peer ids of its swarm, and could otherwise take the offers and answers of another.
 */
export class WsSwarms {
  readonly #swarms = new Map<ByteText, WsSwarm>();
  /** The number of peers by the key of their address. */
  readonly #byOwner = new Map<number | string, number>();
  readonly #max: number;
  #peers = 0;

  /** @param max the most peers in all swarms together */
  constructor(max = MAX_WS_PEERS) {
    this.#max = max;
  }

  get size(): number {
    return this.#swarms.size;
  }

  /** The number of peers in all swarms together. */
  get peers(): number {
    return this.#peers;
  }

  /**
   * Notes the announce of a peer that is new or known.
   *
   * @param second the time in whole seconds
   */
  announce(
    { infoHash, peerId, isSeeder, event }: WsAnnounce,
    link: PeerLink,
    second: number,
  ): WsPeer | JoinRefusal {
    const swarm = this.#swarms.get(infoHash);
    let peer = swarm?.find(peerId);
    if (peer === undefined) {
      if (link.peers.length >= MAX_WS_PEERS_PER_CONNECTION) return 'connectionFull';
      if (this.#isFullFor(link)) return 'addressFull';
      peer = (swarm ?? this.#add(infoHash, second)).join(peerId, link, isSeeder);
      link.peers = [...link.peers, peer];
      this.#count(link, 1);
    } else {
      if (peer.link !== link) {
        if (peer.link.host !== link.host) return 'peerIdInUse';
        if (link.peers.length >= MAX_WS_PEERS_PER_CONNECTION) return 'connectionFull';
        unlink(peer);
        this.#count(peer.link, -1);
        this.#count(link, 1);
        peer.link = link;
        link.peers = [...link.peers, peer];
      }
      peer.swarm.update(peer, isSeeder, event === 'completed');
    }
    peer.seenAt = second;
    return peer;
  }

  /** Finds the peer with an id, on any connection. */
  find(infoHash: ByteText, peerId: ByteText): WsPeer | undefined {
    return this.#swarms.get(infoHash)?.find(peerId);
  }

  /** Finds the peer with an id, if it is on this connection. */
  findAt(link: PeerLink, infoHash: ByteText, peerId: ByteText): WsPeer | undefined {
    const peer = this.find(infoHash, peerId);
    return peer?.link === link ? peer : undefined;
  }

  leave(peer: WsPeer): void {
    unlink(peer);
    this.#remove(peer);
  }

  /** Removes peers of a connection. @param most the most peers to remove; default: all @returns the number removed */
  leaveAll(link: PeerLink, most = link.peers.length): number {
    const leaving = link.peers.slice(0, most);
    link.peers = link.peers.slice(most);
    for (const peer of leaving) this.#remove(peer);
    return leaving.length;
  }

  /** Removes those peers of a connection that should not stay, all in one pass. */
  keepOnly(link: PeerLink, isKept: (peer: WsPeer) => boolean): void {
    const leaving = link.peers.filter((peer) => !isKept(peer));
    if (leaving.length === 0) return;
    const gone = new Set(leaving);
    link.peers = link.peers.filter((peer) => !gone.has(peer));
    for (const peer of leaving) this.#remove(peer);
  }

  scrape(infoHash: ByteText): ScrapeEntry {
    return this.#swarms.get(infoHash)?.scrape() ?? EMPTY_SWARM;
  }

  #add(infoHash: ByteText, second: number): WsSwarm {
    const swarm = new WsSwarm(infoHash, second);
    this.#swarms.set(infoHash, swarm);
    return swarm;
  }

  /** Tells whether the address of a connection has as many peers as it may have. */
  #isFullFor({ clientKey }: PeerLink): boolean {
    const count = this.#byOwner.get(clientKey) ?? 0;
    return count >= Math.min(MAX_WS_PEERS_PER_ADDRESS, Math.ceil((this.#max - this.#peers) * ROOM_SHARE));
  }

  #count({ clientKey }: PeerLink, change: number): void {
    this.#peers += change;
    const count = (this.#byOwner.get(clientKey) ?? 0) + change;
    if (count === 0) this.#byOwner.delete(clientKey);
    else this.#byOwner.set(clientKey, count);
  }

  #remove(peer: WsPeer): void {
    peer.swarm.leave(peer);
    this.#count(peer.link, -1);
    if (peer.swarm.size === 0) this.#swarms.delete(peer.swarm.infoHash);
  }
}

/** The scrape entry of a torrent without peers. */
export const EMPTY_SWARM: ScrapeEntry = { complete: 0, incomplete: 0, downloaded: 0 };

function unlink(peer: WsPeer): void {
  peer.link.peers = peer.link.peers.filter((other) => other !== peer);
}
