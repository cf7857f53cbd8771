import { randomBytes } from 'node:crypto';

/** Name and version as other clients show them. @see BEP 20 */
const CLIENT_PREFIX = '-SH0100-';

/** A new peer id: 20 bytes that say it is Shoal, and are otherwise random. */
export function makePeerId(): Uint8Array {
  return Buffer.concat([Buffer.from(CLIENT_PREFIX, 'latin1'), randomBytes(20 - CLIENT_PREFIX.length)]);
}
