import {
  type CompactAnnounceResponse,
  decodeUdpAnnounce,
  decodeUdpScrape,
  type IpFamily,
  isUdpConnect,
  passkeyOfPath,
  type ScrapeRequest,
  type ScrapeResponse,
  type TrackerFailure,
  TrackerRequestError,
  UDP_ACTION,
  UDP_REQUEST_HEAD_BYTES,
  writeUdpAnnounceResponse,
  writeUdpConnectResponse,
  writeUdpError,
  writeUdpScrapeResponse,
} from '../../../tracker-protocol/index.ts';
import { type Clock, type MaybePromise, type ReportError, toError } from '../../../util/index.ts';
import type { ClientAddress, TrackerLogic } from '../../core/index.ts';
import type { AddressLimits } from '../../guard/rate-limit/index.ts';
import type { TransportCounters } from '../../metrics/index.ts';
import type { ConnectionIds } from './connection-ids.ts';

/**
 * The message for a client whose connection id is not valid. It is sent so that a client with an old id need not wait for a
 * time-out. It is no longer than the shortest request that it answers, a scrape of one hash, so that nobody can have more
 * sent to a third party than was sent in its name.
 */
const BAD_CONNECTION_ID = 'Connection ID is not valid';
/** Bytes of the shortest request that needs a connection id. */
const SHORTEST_REQUEST_BYTES = UDP_REQUEST_HEAD_BYTES + 20;

export interface UdpResponderOptions {
  readonly logic: TrackerLogic;
  readonly rateLimits: AddressLimits;
  readonly connectionIds: ConnectionIds;
  readonly counters: TransportCounters;
  readonly clock: Clock;
  readonly report: ReportError;
}

/**
 * Turns requests into responses. Packets that are no tracker requests are not answered, and neither are those of a client
 * that sends too many: over UDP clients wait ever longer when no response comes, and a response to each packet of a flood
 * would be another flood.
 *
 * @see BEP 15
 */
export class UdpResponder {
  readonly #options: UdpResponderOptions;

  constructor(options: UdpResponderOptions) {
    this.#options = options;
  }

  /**
   * Answers one packet. An address that has not proven itself is sent nothing longer than the packet that came in its name.
   *
   * @param packet the packet, which is not used any more when the call returns
   * @param target `MAX_UDP_RESPONSE_BYTES` for the response, which are not used any more when its length is known
   * @returns the length of the response; 0: there is none. The promise of a length does not reject
   */
  answer(packet: Buffer, clientAddress: ClientAddress, target: Buffer): MaybePromise<number> {
    const { connectionIds, rateLimits, counters, clock } = this.#options;
    if (packet.length < UDP_REQUEST_HEAD_BYTES) {
      counters.ignored += 1;
      return 0;
    }
    const now = clock.now();
    const action = packet.readUInt32BE(8);
    const transactionId = packet.readUInt32BE(12);
    if (action === UDP_ACTION.connect) {
      if (!isUdpConnect(packet)) {
        counters.ignored += 1;
        return 0;
      }
      if (!rateLimits.unproven.admits(clientAddress.ip, 1, now)) return 0;
      counters.connects += 1;
      const length = writeUdpConnectResponse(target, transactionId);
      connectionIds.write(target, 8, clientAddress.ip, now);
      return length;
    }
    const isAnnounce = action === UDP_ACTION.announce;
    if ((!isAnnounce && action !== UDP_ACTION.scrape) || packet.length < SHORTEST_REQUEST_BYTES) {
      counters.ignored += 1;
      return 0;
    }
    if (!connectionIds.isValid(packet, clientAddress.ip, now)) {
      counters.stale += 1;
      if (!rateLimits.unproven.admits(clientAddress.ip, 1, now)) return 0;
      return writeUdpError(target, transactionId, BAD_CONNECTION_ID);
    }
    if (isAnnounce) counters.announces += 1;
    else counters.scrapes += 1;
    if (!rateLimits.requests.admits(clientAddress.ip, 1, now)) {
      counters.refused += 1;
      return 0;
    }
    const started = counters.latency.start();
    try {
      const length = isAnnounce
        ? this.#announce(packet, clientAddress, target, transactionId)
        : this.#scrape(packet, clientAddress, target, transactionId, now);
      if (length instanceof Promise) return this.#finish(length, target, transactionId, started);
      counters.latency.end(started);
      return length;
    } catch (thrown) {
      return this.#refuse(thrown, target, transactionId);
    }
  }

  async #finish(
    length: Promise<number>,
    target: Buffer,
    transactionId: number,
    started: number | undefined,
  ): Promise<number> {
    try {
      return await length;
    } catch (thrown) {
      return this.#refuse(thrown, target, transactionId);
    } finally {
      this.#options.counters.latency.end(started);
    }
  }

  #announce(
    packet: Buffer,
    clientAddress: ClientAddress,
    target: Buffer,
    transactionId: number,
  ): MaybePromise<number> {
    const { request, urlData } = decodeUdpAnnounce(packet);
    const response = this.#options.logic.announce(request, clientAddress, passkeyOfPath(urlData));
    return response instanceof Promise
      ? response.then((known) => this.#writeAnnounce(target, transactionId, known, clientAddress))
      : this.#writeAnnounce(target, transactionId, response, clientAddress);
  }

  #scrape(
    packet: Buffer,
    { ip }: ClientAddress,
    target: Buffer,
    transactionId: number,
    now: number,
  ): MaybePromise<number> {
    const request = decodeUdpScrape(packet);
    if (!this.#options.rateLimits.admitsScrape(ip, request.infoHashes.length, now)) {
      this.#options.counters.refused += 1;
      return 0;
    }
    // A scrape over UDP has no place for a passkey, so that a private tracker refuses it.
    const response = this.#options.logic.scrape(request);
    return response instanceof Promise
      ? response.then((known) => this.#writeScrape(target, transactionId, known, request))
      : this.#writeScrape(target, transactionId, response, request);
  }

  #writeAnnounce(
    target: Buffer,
    transactionId: number,
    response: CompactAnnounceResponse | TrackerFailure,
    clientAddress: ClientAddress,
  ): number {
    if ('failureReason' in response) return this.#writeFailure(target, transactionId, response);
    return writeUdpAnnounceResponse(target, transactionId, response, familyOf(clientAddress));
  }

  #writeScrape(
    target: Buffer,
    transactionId: number,
    response: ScrapeResponse | TrackerFailure,
    { infoHashes }: ScrapeRequest,
  ): number {
    if ('failureReason' in response) return this.#writeFailure(target, transactionId, response);
    const entries = infoHashes.map((infoHash) => response.files.get(infoHash)!);
    return writeUdpScrapeResponse(target, transactionId, entries);
  }

  #writeFailure(target: Buffer, transactionId: number, failure: TrackerFailure): number {
    this.#options.counters.countFailure(failure);
    return writeUdpError(target, transactionId, failure.failureReason);
  }

  #refuse(thrown: unknown, target: Buffer, transactionId: number): number {
    const { counters, report } = this.#options;
    if (thrown instanceof TrackerRequestError) {
      counters.malformed += 1;
      return writeUdpError(target, transactionId, thrown.message);
    }
    counters.failed += 1;
    report(toError(thrown), 'answer a request over UDP');
    return writeUdpError(target, transactionId, 'The tracker has failed');
  }
}

function familyOf({ ip }: ClientAddress): IpFamily {
  return ip.length === 4 ? 4 : 6;
}
