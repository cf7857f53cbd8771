import {
  BencodeDictionary,
  BencodeError,
  type BencodeValue,
  bytesToText,
  decodePrefix,
} from '../bencode/index.ts';
import { ShoalError } from '../util/index.ts';
import type { TrackerFailure } from './announce.ts';

/** The most characters of a `failure reason` or a `warning message` that are read. */
export const MAX_TRACKER_MESSAGE = 1000;

/** The error of bytes from a tracker that are no response. */
export class TrackerResponseError extends ShoalError<'TOO_LARGE' | 'NOT_BENCODE' | 'NOT_A_RESPONSE'> {}

/**
 * Reads the form that all responses of a tracker have: a dictionary, or a failure in one. Bytes after the dictionary are
 * ignored, because some trackers end with a newline.
 *
 * @throws {TrackerResponseError}
 * @see BEP 3 `failure reason`, BEP 31
 */
export function decodeTrackerResponse(
  body: Uint8Array,
  maxBytes: number,
): BencodeDictionary | TrackerFailure {
  if (body.length > maxBytes) {
    throw new TrackerResponseError(
      'TOO_LARGE',
      `Cannot read the tracker's answer: found ${body.length} bytes, at most ${maxBytes} are taken`,
    );
  }
  const answer = decodeDictionary(body);
  const reason = answer.get('failure reason');
  if (reason === undefined) return answer;
  const retryIn = readRetryIn(answer.get('retry in'));
  const interval = answer.get('interval');
  return {
    failureReason: reason instanceof Uint8Array ? readMessage(reason) : 'the tracker gives no reason',
    ...(retryIn !== undefined && { retryIn }),
    ...(typeof interval === 'number' && interval > 0 && { interval }),
  };
}

/**
 * Reads a tracker's text so that it can be shown: text that is not UTF-8 is read as Windows-1252, control characters are
 * removed, and the length is limited.
 */
export function readMessage(bytes: Uint8Array): string {
  const start = bytes.subarray(0, MAX_TRACKER_MESSAGE * 4);
  const text = isUtf8(bytes) ? bytesToText(start) : windowsLatin.decode(start);
  return text
    .slice(0, MAX_TRACKER_MESSAGE)
    .replaceAll(/\p{Cc}+/gu, ' ')
    .trim();
}

const windowsLatin = new TextDecoder('windows-1252');
const strictUtf8 = new TextDecoder('utf-8', { fatal: true });

function isUtf8(bytes: Uint8Array): boolean {
  try {
    strictUtf8.decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** Reads a number from 0 on, which may be written as a string of digits; `undefined` for anything else. */
export function readCount(dictionary: BencodeDictionary, key: string): number | undefined {
  const value = dictionary.get(key);
  const digits = value instanceof Uint8Array && value.length <= MAX_COUNT_DIGITS ? bytesToText(value) : '';
  const count = /^\d+$/.test(digits) ? Number(digits) : value;
  return typeof count === 'number' && count >= 0 ? count : undefined;
}

/** The most digits of a count that is written as a string: any such number is a safe integer. */
const MAX_COUNT_DIGITS = 15;

function decodeDictionary(body: Uint8Array): BencodeDictionary {
  let value: BencodeValue;
  try {
    ({ value } = decodePrefix(body, { lenient: true, maxDepth: 8 }));
  } catch (cause) {
    if (!(cause instanceof BencodeError)) throw cause;
    throw new TrackerResponseError(
      'NOT_BENCODE',
      `Cannot read the tracker's answer as bencode: ${describe(body)}`,
      {
        cause,
      },
    );
  }
  if (value instanceof BencodeDictionary) return value;
  throw new TrackerResponseError(
    'NOT_A_RESPONSE',
    `Cannot read the tracker's answer: expected a dictionary, ${describe(body)}`,
  );
}

/** Quotes the start of a response, so that a user can recognise it: `found "<html><head>…"`. */
function describe(body: Uint8Array): string {
  return body.length === 0 ? 'it is empty' : `found ${JSON.stringify(readMessage(body.subarray(0, 60)))}`;
}

/** Reads minutes, as a number or in digits, which the example of BEP 31 has. */
function readRetryIn(value: BencodeValue | undefined): number | 'never' | undefined {
  const said = value instanceof Uint8Array ? bytesToText(value) : value;
  if (said === 'never') return said;
  const minutes = typeof said === 'string' && /^\d{1,9}$/.test(said) ? Number(said) : said;
  return typeof minutes === 'number' && minutes > 0 ? minutes : undefined;
}
