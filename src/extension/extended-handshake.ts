import { encode } from '../bencode/index.ts';
import { parseIp } from '../util/index.ts';

/**
 * What a peer says about itself in the extended handshake; all of it is optional.
 *
 * @see BEP 10
 */
export interface ExtendedHandshake {
  /** `m`: the id, 1 to 255, with which to send the sender an extension's messages, by the extension's name (a byte a character). */
  readonly extensions: ReadonlyMap<string, number>;
  /** `p`: the TCP port the sender listens on, 1 to 65535. */
  readonly port?: number;
  /** `v`: the sender's name and version, without characters that a terminal would act on. */
  readonly version?: string;
  /** `yourip`: the IP address the sender sees the receiver at, in its canonical text. */
  readonly yourIp?: string;
  /** `ipv4`: an IPv4 address of the sender. */
  readonly ipv4?: string;
  /** `ipv6`: an IPv6 address of the sender. */
  readonly ipv6?: string;
  /** `reqq`: how many requests the sender queues, at least 1. */
  readonly reqq?: number;
  /** `upload_only`: whether the sender wants nothing: it is a seed or a partial seed. @see BEP 21 */
  readonly uploadOnly?: boolean;
  /** `metadata_size`: bytes of the info dictionary. @see BEP 9 */
  readonly metadataSize?: number;
}

/**
 * Writes the payload of an extended message with id `ExtendedId.handshake`. An address that is no IP address (one with
 * a zone, such as `fe80::1%eth0`) is left out.
 *
 * @see BEP 10
 */
export function encodeExtendedHandshake(handshake: ExtendedHandshake): Uint8Array {
  return encode({
    m: handshake.extensions,
    p: handshake.port,
    v: handshake.version,
    yourip: ipBytes(handshake.yourIp),
    ipv4: ipBytes(handshake.ipv4),
    ipv6: ipBytes(handshake.ipv6),
    reqq: handshake.reqq,
    upload_only: handshake.uploadOnly === undefined ? undefined : Number(handshake.uploadOnly),
    metadata_size: handshake.metadataSize,
  });
}

function ipBytes(host: string | undefined): Uint8Array | undefined {
  return host === undefined ? undefined : parseIp(host);
}
