import { promisify } from 'node:util';
import type { InputType } from 'node:zlib';
import { toError } from '../util/index.ts';
import { quotable } from './quotable.ts';
import { TrackerCallError } from './tracker-call-error.ts';

/**
 * Decompresses the body of a response. Some servers compress although the request forbids it. Some name an encoding of a
 * body that is not compressed; such a body is returned unchanged.
 *
 * @param encoding the header `Content-Encoding`; `undefined` when there is none
 * @param maxBytes the most bytes of the result; no more are ever decompressed
 * @param what the request, for messages
 * @throws {TrackerCallError} `TOO_LARGE`, `BAD_RESPONSE`
 */
export async function decodeBody(
  body: Uint8Array,
  encoding: string | undefined,
  maxBytes: number,
  what: string,
): Promise<Uint8Array> {
  const { gunzip, inflate, inflateRaw, brotliDecompress, constants } = process.getBuiltinModule('node:zlib');
  // A response that was cut off is decompressed as far as it goes. Its reader finds out whether that is enough.
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
    const message = `${what}: the response cannot be decompressed as ${encoding}: ${cause.message}`;
    throw new TrackerCallError('BAD_RESPONSE', message, { cause });
  }
  const message = `${what}: the response has the unknown encoding ${quotable(String(encoding))}`;
  throw new TrackerCallError('BAD_RESPONSE', message);
}

function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** Tells whether bytes begin like a bencoded dictionary, such as `d8:`. No compressed body begins like that. */
function isBencode(bytes: Uint8Array): boolean {
  return /^d[0-9]+:/.test(Buffer.from(bytes.subarray(0, 5)).toString('latin1'));
}

/** Tells whether a deflated body has the frame of zlib: its first two bytes are a multiple of 31. @see RFC 1950 */
function isZlib(bytes: Uint8Array): boolean {
  return (bytes[0]! & 0x0f) === 8 && ((bytes[0]! << 8) | bytes[1]!) % 31 === 0;
}
