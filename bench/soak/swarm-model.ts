import type { AnnounceRequest } from '../../src/tracker-protocol/index.ts';
import { infoHashFromBytes, type Random, randomBelow } from '../../src/util/index.ts';

/** Swarms, and peers of each: a peer is its port, which belongs to one swarm only. */
const SWARMS = 60;
const PEERS_EACH = 300;
const FIRST_PORT = 10_000;
const HOST = '127.0.0.1';

const EVENTS = ['none', 'none', 'none', 'none', 'started', 'completed', 'stopped'] as const;

/** An announce that is about to be sent. */
export interface Question {
  readonly request: AnnounceRequest;
  readonly swarm: number;
  readonly port: number;
  /** Number of the announce among all. */
  readonly number: number;
}

/** The response of a tracker over any transport. */
export interface Answered {
  readonly complete?: number | undefined;
  readonly incomplete?: number | undefined;
  readonly peers: readonly { readonly host: string; readonly port: number }[];
}

/** The facts that a tracker may know of a peer. */
interface Known {
  /** Whether it ever was in its swarm. */
  hasJoined: boolean;
  /** Its announce is under way: the next waits, for nobody could say in which order the tracker took them. */
  isAsking: boolean;
  /** It has left, which was answered before this announce of all; infinite when it has not. */
  leftBefore: number;
}

/** The announces of all peers; tells of each response whether it can be right. */
export class SwarmModel {
  readonly wrong: string[] = [];
  answers = 0;
  handedOut = 0;
  readonly #random: Random;
  readonly #known = new Map<number, Known>();
  readonly #everJoined = new Array<number>(SWARMS).fill(0);
  #number = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Some peer's next announce. */
  ask(): Question {
    let port = FIRST_PORT + randomBelow(this.#random, SWARMS * PEERS_EACH);
    while (this.#known.get(port)?.isAsking)
      port = FIRST_PORT + randomBelow(this.#random, SWARMS * PEERS_EACH);
    const swarm = swarmOf(port);
    const event = EVENTS[randomBelow(this.#random, EVENTS.length)]!;
    this.#number += 1;
    const known = this.#known.get(port) ?? {
      hasJoined: false,
      isAsking: false,
      leftBefore: Number.POSITIVE_INFINITY,
    };
    this.#known.set(port, known);
    known.isAsking = true;
    if (event !== 'stopped') {
      if (!known.hasJoined) this.#everJoined[swarm]! += 1;
      known.hasJoined = true;
      known.leftBefore = Number.POSITIVE_INFINITY;
    }
    const request: AnnounceRequest = {
      infoHash: infoHashFromBytes(Uint8Array.from({ length: 20 }, (_, at) => (at === 0 ? swarm : at))),
      peerId: Buffer.from(`-XX0000-${String(port).padStart(12, '0')}`),
      port,
      uploaded: 0,
      downloaded: 0,
      left: event === 'completed' || port % 3 === 0 ? 0 : 1000,
      event,
      compact: true,
      noPeerId: true,
      numWant: randomBelow(this.#random, 80),
    };
    return { request, swarm, port, number: this.#number };
  }

  check(question: Question, { complete = 0, incomplete = 0, peers }: Answered): void {
    const { request, swarm, port, number } = question;
    this.answers += 1;
    this.handedOut += peers.length;
    const ports = new Set<number>();
    for (const peer of peers) {
      const known = this.#known.get(peer.port);
      const isOfSwarm = swarmOf(peer.port) === swarm && peer.host === HOST;
      if (peer.port === port) this.#note(question, 'hands the asker out to itself');
      else if (!isOfSwarm || !known?.hasJoined) {
        this.#note(question, `hands out ${peer.host}:${peer.port}, which is not in the swarm`);
      } else if (known.leftBefore < number) {
        this.#note(question, `hands out port ${peer.port}, which has left`);
      }
      if (ports.has(peer.port)) this.#note(question, `hands out port ${peer.port} twice`);
      ports.add(peer.port);
    }
    if (peers.length > (request.numWant ?? 0)) this.#note(question, `hands out ${peers.length} peers`);
    const most = this.#everJoined[swarm]!;
    const least = peers.length + (request.event === 'stopped' ? 0 : 1);
    if (complete + incomplete < least || complete + incomplete > most) {
      this.#note(question, `counts ${complete} + ${incomplete} peers, of ${least} to ${most}`);
    }
    const known = this.#known.get(port)!;
    known.isAsking = false;
    if (request.event === 'stopped') known.leftBefore = this.#number;
  }

  /** An answer that is none. The peer does not come again. */
  failed(question: Question, what: string): void {
    this.#note(question, what);
  }

  #note({ request, port }: Question, what: string): void {
    this.wrong.push(`${request.event} of port ${port}, numwant ${request.numWant}: ${what}`);
  }
}

function swarmOf(port: number): number {
  return Math.floor((port - FIRST_PORT) / PEERS_EACH);
}
