import type { ByteText, ScrapeEntry, WsAnnounce } from '../../../tracker-protocol/index.ts';
import { type PeerLink, type WsPeer, WsSwarm } from './ws-swarm.ts';

/** Peers over WebSocket in all swarms together; each is some hundred bytes. */
export const MAX_WS_PEERS = 1_000_000;
/** Swarms that one connection may be in: those of a program that seeds a whole collection. */
export const MAX_WS_PEERS_PER_CONNECTION = 1000;

/** Peers that all connections of an address together, over IPv6 of a /48, may be. */
export const MAX_WS_PEERS_PER_ADDRESS = 20_000;
/**
 * The part of the room that is left which an address may take: when there is little, those with few peers get in still,
 * and those with many do not.
 */
const ROOM_SHARE = 1 / 25;

/** Why a peer is not let into a swarm. */
export type JoinRefusal = 'peerIdInUse' | 'connectionFull' | 'addressFull';

/**
 * All swarms of peers that meet over WebRTC, and nobody else: over TCP and UDP nobody could reach them, nor they them.
 *
 * **Whose a peer id is**: it belongs to the connection that announced it first, in that swarm, until that connection
 * ends, says `stopped` or is silent for too long. Another connection gets it only from the same address: that is a
 * client which lost its connection and is back before the tracker noticed. From elsewhere it is refused; everybody in a
 * swarm learns the others' peer ids, so that anything else would let one take the offers and answers of another.
 */
export class WsSwarms {
  readonly #swarms = new Map<ByteText, WsSwarm>();
  /** Peers by the stranger whose they are. */
  readonly #byOwner = new Map<number | string, number>();
  readonly #max: number;
  #peers = 0;

  /** @param max peers in all swarms together */
  constructor(max = MAX_WS_PEERS) {
    this.#max = max;
  }

  get size(): number {
    return this.#swarms.size;
  }

  /** In all swarms together. */
  get peers(): number {
    return this.#peers;
  }

  /**
   * Notes that a peer is there, whether it was before or not.
   *
   * @param second now
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

  /** The peer with that id, wherever it is. */
  find(infoHash: ByteText, peerId: ByteText): WsPeer | undefined {
    return this.#swarms.get(infoHash)?.find(peerId);
  }

  /** The same, when it is at the other end of that connection. */
  findAt(link: PeerLink, infoHash: ByteText, peerId: ByteText): WsPeer | undefined {
    const peer = this.find(infoHash, peerId);
    return peer?.link === link ? peer : undefined;
  }

  leave(peer: WsPeer): void {
    unlink(peer);
    this.#remove(peer);
  }

  /** Lets peers of a connection go. @param most how many, at most: all unless given @returns how many have gone */
  leaveAll(link: PeerLink, most = link.peers.length): number {
    const leaving = link.peers.slice(0, most);
    link.peers = link.peers.slice(most);
    for (const peer of leaving) this.#remove(peer);
    return leaving.length;
  }

  /** Lets those peers of a connection go that are not to stay: all at once, however many they are. */
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

  /** Whether a connection's address has as many peers as it may have. */
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

/** Of a torrent that nobody is a peer of. */
export const EMPTY_SWARM: ScrapeEntry = { complete: 0, incomplete: 0, downloaded: 0 };

function unlink(peer: WsPeer): void {
  peer.link.peers = peer.link.peers.filter((other) => other !== peer);
}
