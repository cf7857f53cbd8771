import { formatIp, parseIp } from '../../util/index.ts';

/** The address of the client that sent a request. It is made once for a connection. */
export interface ClientAddress {
  /** Canonical address of the socket. */
  readonly host: string;
  /** The same as 4 or 16 bytes. */
  readonly ip: Uint8Array;
}

/**
 * Reads the address of a client.
 *
 * @param address as sockets give it: IPv4 in either notation, a link-local address with the name of the interface
 * (`fe80::1%eth0`)
 * @returns `undefined` for anything else
 */
export function clientAddressOf(address: string): ClientAddress | undefined {
  const zone = address.indexOf('%');
  const ip = parseIp(zone === -1 ? address : address.slice(0, zone));
  if (ip === undefined) return undefined;
  // IPv4 with dots is canonical as it is; formatting it again would cost time for each packet.
  return { host: address.includes(':') ? formatIp(ip) : address, ip };
}
