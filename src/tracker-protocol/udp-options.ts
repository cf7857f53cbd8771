import { TrackerRequestError } from './query.ts';

const END_OF_OPTIONS = 0;
const NO_OPERATION = 1;
const URL_DATA = 2;

/** The most bytes of one option, whose length is one byte. */
const MAX_OPTION_BYTES = 255;

/**
 * Writes the part of an announce URL after host and port as options, which follow an announce.
 *
 * @param urlData `/announce?passkey=…`, one character a byte; empty: no options
 * @see BEP 41
 */
export function encodeUrlData(urlData: string): Buffer {
  const data = Buffer.from(urlData, 'latin1');
  const parts: Uint8Array[] = [];
  for (let at = 0; at < data.length; at += MAX_OPTION_BYTES) {
    const part = data.subarray(at, at + MAX_OPTION_BYTES);
    parts.push(Uint8Array.of(URL_DATA, part.length), part);
  }
  return Buffer.concat(parts);
}

/**
 * Reads the options from `start` to the end of a packet. Unknown options are ignored.
 *
 * @returns the URL data, one character a byte: all such options joined
 * @throws {TrackerRequestError} when an option is longer than the rest of the packet
 * @see BEP 41
 */
export function decodeUrlData(packet: Buffer, start: number): string {
  let urlData = '';
  let at = start;
  while (at < packet.length && packet[at] !== END_OF_OPTIONS) {
    if (packet[at] === NO_OPERATION) {
      at += 1;
      continue;
    }
    const end = at + 2 + (packet[at + 1] ?? 0);
    if (at + 2 > packet.length || end > packet.length) {
      throw new TrackerRequestError('BAD_VALUE', 'The last option of the announce is cut off');
    }
    if (packet[at] === URL_DATA) urlData += packet.toString('latin1', at + 2, end);
    at = end;
  }
  return urlData;
}
