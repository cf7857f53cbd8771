import {
  type ByteText,
  encodeWsAnnounceResponse,
  encodeWsAnswer,
  encodeWsFailure,
  encodeWsOffer,
  encodeWsOrigin,
  encodeWsScrapeResponse,
  parseWsRequest,
  type ScrapeEntry,
  type TrackerFailure,
  type WsAnnounce,
  type WsAnswer,
  type WsRequest,
  WsRequestError,
  type WsScrape,
} from '../../../tracker-protocol/index.ts';
import { type InfoHash, infoHashFromBytes, type Random } from '../../../util/index.ts';
import type { TrackerLogic } from '../../core/index.ts';
import type { TrackerCounters } from '../../metrics/index.ts';
import type { PeerLink } from './ws-swarm.ts';
import { EMPTY_SWARM, type JoinRefusal, WsSwarms } from './ws-swarms.ts';

/** A client that sends requests. */
export interface WsClient extends PeerLink {
  /** The passkey in its announce URL; `undefined`: there is none. */
  readonly passkey: string | undefined;
}

export interface WsRequestsOptions {
  /** Says when to announce again. */
  readonly logic: TrackerLogic;
  readonly counters: TrackerCounters;
  readonly random: Random;
}

/** Answers the messages of WebTorrent peers, and hands on their offers and answers. */
export class WsRequests {
  readonly swarms = new WsSwarms();
  /** The numbers of offers and answers handed on, and of answers dropped, since the start. */
  offers = 0;
  answers = 0;
  answersDropped = 0;
  readonly #options: WsRequestsOptions;

  constructor(options: WsRequestsOptions) {
    this.#options = options;
  }

  /**
   * Answers a message, and hands on its offers and answers.
   *
   * @param second the time in whole seconds
   */
  take(message: string, client: WsClient, second: number): void {
    let request: WsRequest;
    try {
      request = parseWsRequest(message);
    } catch (thrown) {
      if (!(thrown instanceof WsRequestError)) throw thrown;
      this.#options.counters.ws.malformed += 1;
      client.send(encodeWsFailure('announce', { failureReason: thrown.message }, thrown.infoHash));
      return;
    }
    switch (request.action) {
      case 'announce':
        this.#announce(request, client, second);
        break;
      case 'answer':
        this.#handAnswerOn(request, client, second);
        break;
      case 'scrape':
        this.#scrape(request, client);
    }
  }

  #announce(request: WsAnnounce, client: WsClient, second: number): void {
    const { logic, random, counters } = this.#options;
    const { infoHash, peerId, offers } = request;
    counters.ws.announces += 1;
    const refusal = logic.refuseAnnounce(toInfoHash(infoHash), client.passkey);
    if (refusal !== undefined) {
      // A refused peer, even one that sends `stopped`, is removed from the swarm, so that it gets no more offers.
      this.#leave(request, client);
      counters.ws.countFailure(refusal);
      client.send(encodeWsFailure('announce', refusal, infoHash));
      return;
    }
    if (request.event === 'stopped') {
      this.#stop(request, client);
      return;
    }
    const peer = this.swarms.announce(request, client, second);
    if (typeof peer === 'string') {
      counters.ws.refused += 1;
      client.send(encodeWsFailure('announce', JOIN_REFUSALS[peer], infoHash));
      return;
    }
    const { swarm } = peer;
    const { complete, incomplete, bornAt } = swarm;
    const { interval } = logic.times(second - bornAt);
    client.send(encodeWsAnnounceResponse({ infoHash, interval, complete, incomplete }));
    if (offers.length === 0) return;
    const origin = encodeWsOrigin(infoHash, peerId);
    this.offers += swarm.pick(peer, offers.length, random, ({ link }, at) =>
      link.send(encodeWsOffer(offers[at]!, origin)),
    );
  }

  /** Removes the peers of a connection from the swarms that it is not allowed in any more. */
  dropRefused(client: WsClient): void {
    const { logic } = this.#options;
    if (logic.accessVersion === undefined || client.peers.length === 0) return;
    if (!logic.grants(client.passkey)) this.swarms.leaveAll(client);
    this.swarms.keepOnly(client, ({ swarm }) => logic.serves(toInfoHash(swarm.infoHash)));
  }

  #leave({ infoHash, peerId }: WsAnnounce | WsAnswer, client: WsClient): void {
    const peer = this.swarms.findAt(client, infoHash, peerId);
    if (peer !== undefined) this.swarms.leave(peer);
  }

  #stop(request: WsAnnounce, client: WsClient): void {
    this.#leave(request, client);
    const { infoHash } = request;
    const { complete, incomplete } = this.swarms.scrape(infoHash);
    const { interval } = this.#options.logic;
    client.send(encodeWsAnnounceResponse({ infoHash, interval, complete, incomplete }));
  }

  /**
   * Hands an answer on to another peer of the same swarm, if both are allowed in it. Whether there was such an offer is left
   * to the peer that made it: ids of offers are known only to the two, so that no other peer can answer.
   */
  #handAnswerOn(answer: WsAnswer, client: WsClient, second: number): void {
    const { infoHash, peerId, toPeerId } = answer;
    if (!this.#mayBeIn(infoHash, client)) this.#leave(answer, client);
    const from = this.swarms.findAt(client, infoHash, peerId);
    const to = this.swarms.find(infoHash, toPeerId);
    if (from === undefined || to === undefined) {
      this.answersDropped += 1;
      return;
    }
    from.seenAt = second;
    this.answers += 1;
    to.link.send(encodeWsAnswer(answer, encodeWsOrigin(infoHash, peerId)));
  }

  #mayBeIn(infoHash: ByteText, { passkey }: WsClient): boolean {
    const { logic } = this.#options;
    return logic.accessVersion === undefined || (logic.grants(passkey) && logic.serves(toInfoHash(infoHash)));
  }

  #scrape({ infoHashes }: WsScrape, client: WsClient): void {
    const { logic, counters } = this.#options;
    counters.ws.scrapes += 1;
    const refusal = logic.refuseScrape(client.passkey);
    if (refusal !== undefined) {
      counters.ws.countFailure(refusal);
      client.send(encodeWsFailure('scrape', refusal, undefined));
      return;
    }
    const files = new Map(infoHashes.map((infoHash) => [infoHash, this.#scrapeOne(infoHash)]));
    client.send(encodeWsScrapeResponse(files, logic.interval));
  }

  #scrapeOne(infoHash: ByteText): ScrapeEntry {
    const isServed = this.#options.logic.refuseInfoHash(toInfoHash(infoHash)) === undefined;
    return isServed ? this.swarms.scrape(infoHash) : EMPTY_SWARM;
  }
}

const JOIN_REFUSALS: Readonly<Record<JoinRefusal, TrackerFailure>> = {
  peerIdInUse: { failureReason: 'Another connection has this peer id in this swarm' },
  connectionFull: { failureReason: 'This connection is in as many swarms as it may be' },
  addressFull: { failureReason: 'Your address has as many peers over WebSocket as it may have' },
};

function toInfoHash(text: ByteText): InfoHash {
  return infoHashFromBytes(Buffer.from(text, 'latin1'));
}
