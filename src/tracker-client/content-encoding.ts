import { promisify } from 'node:util';
import type { InputType } from 'node:zlib';
import { toError } from '../util/index.ts';
import { quotable } from './quotable.ts';
import { TrackerCallError } from './tracker-call-error.ts';

/**
 * Decompresses the body of an answer. Some servers compress though they were told not to, and some say so of a body that
 * is not compressed: that one is taken as it is.
 *
 * @param encoding the header `Content-Encoding`; `undefined` when there is none
 * @param maxBytes the limit of what comes out: no more is ever decompressed
 * @param what was asked, for messages
 * @throws {TrackerCallError} `TOO_LARGE`, `BAD_RESPONSE`
 */
export async function decodeBody(
  body: Uint8Array,
  encoding: string | undefined,
  maxBytes: number,
  what: string,
): Promise<Uint8Array> {
  const { gunzip, inflate, inflateRaw, brotliDecompress, constants } = process.getBuiltinModule('node:zlib');
  // An answer that was cut off is decompressed as far as it goes; its reader finds out whether that is enough.
  const options = { maxOutputLength: maxBytes, finishFlush: constants.Z_SYNC_FLUSH };
  const bytes = body as InputType;
  try {
    switch (encoding?.trim().toLowerCase() ?? 'identity') {
      case 'gzip':
      case 'x-gzip':
        return isGzip(body) ? await promisify(gunzip)(bytes, options) : body;
      case 'deflate':
        // Half of all servers leave out the frame that the standard asks for.
        if (isZlib(body)) return await promisify(inflate)(bytes, options);
        return isBencode(body) ? body : await promisify(inflateRaw)(bytes, options);
      case 'br':
        return await promisify(brotliDecompress)(bytes, { maxOutputLength: maxBytes });
      case '':
      case 'identity':
      case 'none':
        return isGzip(body) ? await promisify(gunzip)(bytes, options) : body;
    }
  } catch (thrown) {
    const cause: NodeJS.ErrnoException = toError(thrown);
    if (cause.code === 'ERR_BUFFER_TOO_LARGE') {
      throw new TrackerCallError(
        'TOO_LARGE',
        `${what}: answered more than ${maxBytes} bytes when decompressed`,
      );
    }
    const message = `${what}: the answer cannot be decompressed as ${encoding}: ${cause.message}`;
    throw new TrackerCallError('BAD_RESPONSE', message, { cause });
  }
  const message = `${what}: the answer is encoded as ${quotable(String(encoding))}, which is not read`;
  throw new TrackerCallError('BAD_RESPONSE', message);
}

function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** No deflated stream begins as a dictionary does: `d8:`. */
function isBencode(bytes: Uint8Array): boolean {
  return /^d[0-9]+:/.test(Buffer.from(bytes.subarray(0, 5)).toString('latin1'));
}

/** The two bytes before a deflated stream are a multiple of 31. @see RFC 1950 */
function isZlib(bytes: Uint8Array): boolean {
  return (bytes[0]! & 0x0f) === 8 && ((bytes[0]! << 8) | bytes[1]!) % 31 === 0;
}
