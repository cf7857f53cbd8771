import type { ServerResponse } from 'node:http';
import { clientKey, type InfoHash } from '../../../util/index.ts';
import { type UploadBuffer, type UploadBufferLimits, UploadBuffers } from '../../guard/rate-limit/index.ts';
import { ProblemError } from './problems.ts';

/** Bytes of metainfo that are being sent to one address, or a /48 over IPv6, at once: two of the largest files. */
export const MAX_GIVEN_BYTES_PER_ADDRESS = 32 * 1024 * 1024;
/** Bytes of metainfo that are being sent to all addresses at once. */
export const MAX_GIVEN_BYTES = 128 * 1024 * 1024;

/** Seconds after which a refused client should try again. */
const RETRY_AFTER = 5;

/** A metainfo that is being sent to an address. It counts for that address until all responses with it have ended. */
interface Given extends UploadBuffer {
  readonly metainfo: Promise<Uint8Array | undefined>;
  readonly answers: Set<ServerResponse>;
}

/**
 * Counts the metainfo that is being sent. A catalog on a disk or in Redis makes a copy for each response, which exists until
 * the client has read all of it. Responses with the same metainfo to the same address share one copy.
 */
export class GivenMetainfo {
  readonly #kept: UploadBuffers;
  readonly #given = new Map<string, Given>();

  constructor(
    limits: UploadBufferLimits = {
      maxPerAddress: MAX_GIVEN_BYTES_PER_ADDRESS,
      maxInAll: MAX_GIVEN_BYTES,
    },
  ) {
    this.#kept = new UploadBuffers(limits);
  }

  /** The number of bytes that are being sent to all addresses. */
  get bytes(): number {
    return this.#kept.inAll;
  }

  /**
   * Gives the metainfo that `read` returns, which is called only if none is being sent to that address already.
   *
   * @param answer for whose sake it is kept, until it closes; it is destroyed when others need the room
   * @throws {ProblemError} 503 when the address is being given too much
   */
  take(
    infoHash: InfoHash,
    ip: Uint8Array,
    answer: ServerResponse,
    read: () => Promise<Uint8Array | undefined>,
  ): Promise<Uint8Array | undefined> {
    const key = `${clientKey(ip)} ${infoHash}`;
    const given = this.#given.get(key) ?? this.#begin(key, ip, read);
    given.answers.add(answer);
    const end = (): void => {
      given.answers.delete(answer);
      if (given.answers.size > 0) return;
      this.#kept.end(given);
      if (this.#given.get(key) === given) this.#given.delete(key);
    };
    // No event follows when the client has gone already.
    if (answer.destroyed) end();
    else answer.once('close', end);
    return given.metainfo;
  }

  #begin(key: string, ip: Uint8Array, read: () => Promise<Uint8Array | undefined>): Given {
    const answers = new Set<ServerResponse>();
    const given: Given = {
      ip,
      bytes: 0,
      answers,
      giveUp: () => {
        for (const answer of answers) answer.destroy();
      },
      metainfo: read().then((metainfo) => {
        const isCounted = metainfo !== undefined && answers.size > 0;
        if (isCounted && !this.#kept.add(given, metainfo.length)) throw tooMuch();
        return metainfo;
      }),
    };
    this.#kept.begin(given);
    this.#given.set(key, given);
    return given;
  }
}

function tooMuch(): ProblemError {
  return new ProblemError(503, 'Your address is downloading too many bytes at once; try again later', {
    headers: { 'Retry-After': String(RETRY_AFTER) },
  });
}
