import { encode } from '../bencode/index.ts';
import { parseIp } from '../util/index.ts';

/**
 * The facts that a peer tells about itself in the extended handshake. All of them are optional.
 *
 * @see BEP 10
 */
export interface ExtendedHandshake {
  /**
   * `m`: for the name of each extension, the id (1 to 255) of the extension's messages to this peer. Each character of a
   * name is one byte.
   */
  readonly extensions: ReadonlyMap<string, number>;
  /** `p`: the TCP port the sender listens on, 1 to 65535. */
  readonly port?: number;
  /** `v`: the sender's name and version, without characters that a terminal would act on. */
  readonly version?: string;
  /** `yourip`: the receiver's IP address as the sender sees it, in its canonical text. */
  readonly yourIp?: string;
  /** `ipv4`: an IPv4 address of the sender. */
  readonly ipv4?: string;
  /** `ipv6`: an IPv6 address of the sender. */
  readonly ipv6?: string;
  /** `reqq`: the number of requests that the sender queues, at least 1. */
  readonly reqq?: number;
  /** `upload_only`: whether the sender downloads nothing, as a seed or a partial seed. @see BEP 21 */
  readonly uploadOnly?: boolean;
  /** `metadata_size`: bytes of the info dictionary. @see BEP 9 */
  readonly metadataSize?: number;
}

/**
 * Writes the payload of an extended message with id `ExtendedId.handshake`. A text that is no IP address, such as one with
 * a zone (`fe80::1%eth0`), is left out.
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
