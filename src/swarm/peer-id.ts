import { randomBytes } from 'node:crypto';
import { PEER_ID_BYTES } from '../util/index.ts';

/** The start of every peer id of Shoal, which other programs show as its name and version. @see BEP 20 */
const CLIENT_PREFIX = '-SH0100-';

/** Makes a new peer id: 20 bytes that begin with the name of Shoal and are otherwise random. */
export function makePeerId(): Uint8Array {
  const random = randomBytes(PEER_ID_BYTES - CLIENT_PREFIX.length);
  return Buffer.concat([Buffer.from(CLIENT_PREFIX, 'latin1'), random]);
}
