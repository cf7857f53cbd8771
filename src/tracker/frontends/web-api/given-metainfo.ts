import type { ServerResponse } from 'node:http';
import { clientKey, type InfoHash } from '../../../util/index.ts';
import { type UploadBuffer, type UploadBufferLimits, UploadBuffers } from '../../guard/rate-limit/index.ts';
import { ProblemError } from './problems.ts';

/** Bytes of metainfo that are being given to one address at once, over IPv6 to a /48: two of the largest. */
export const MAX_GIVEN_BYTES_PER_ADDRESS = 32 * 1024 * 1024;
/** The same to all. */
export const MAX_GIVEN_BYTES = 128 * 1024 * 1024;

/** Seconds after which to try again. */
const RETRY_AFTER = 5;

/** A metainfo that is being given to an address. It is counted for that address until all answers with it have ended. */
interface Given extends UploadBuffer {
  readonly metainfo: Promise<Uint8Array | undefined>;
  readonly answers: Set<ServerResponse>;
}

/**
 * Counts the metainfo that is being given, for a catalog on a disk or in Redis makes a copy for each answer, which is there
 * until its client has read all of it. Answers with the same metainfo to the same address share one copy.
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

  /** Bytes that are being given to all. */
  get bytes(): number {
    return this.#kept.inAll;
  }

  /**
   * Gives what `read` gives, which is asked only when nobody of that address is being given it already.
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
    // The client may have gone, and no event comes any more.
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
  return new ProblemError(503, 'Your address is being given too much at once; try again later', {
    headers: { 'Retry-After': String(RETRY_AFTER) },
  });
}
