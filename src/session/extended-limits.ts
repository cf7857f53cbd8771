import { ExtendedId, MAX_EXTENDED_HANDSHAKE_BYTES } from '../extension/index.ts';

/** Says how many bytes of an extended message are held: of the handshake some, of what we do not know none. @see BEP 10 */
export function maxExtendedBytes(extendedId: number): number {
  return extendedId === ExtendedId.handshake ? MAX_EXTENDED_HANDSHAKE_BYTES : 0;
}
