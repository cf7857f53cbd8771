import { ExtensionError } from './extension-error.ts';

/** The name of the extension by which a peer says that it no longer has a piece. @see BEP 54 */
export const DONT_HAVE = 'lt_donthave';

/** The bytes of its message, which is the index of the piece. */
export const DONT_HAVE_BYTES = 4;

/**
 * Reads the index of the piece that the sender no longer has.
 *
 * @returns the index of the piece, which need not be one of the torrent's
 * @throws {ExtensionError} `BAD_MESSAGE` when the payload is not {@link DONT_HAVE_BYTES} long
 * @see BEP 54
 */
export function decodeDontHave(payload: Uint8Array): number {
  if (payload.length !== DONT_HAVE_BYTES) {
    const found = `${payload.length} bytes instead of ${DONT_HAVE_BYTES}`;
    throw new ExtensionError('BAD_MESSAGE', `Cannot read a ${DONT_HAVE} message: it has ${found}`);
  }
  return new DataView(payload.buffer, payload.byteOffset).getUint32(0);
}
