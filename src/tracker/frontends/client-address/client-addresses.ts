import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { type AddressRange, formatIp, isInAnyRange } from '../../../util/index.ts';
import { type ClientAddress, clientAddressOf } from '../../core/index.ts';
import { forwardedForIn, lastForwarded } from './forwarded-for.ts';

/**
 * Says who sent something: who is at the other end of the connection, or, where that is a proxy that is trusted, whom
 * the proxy names. What everyone else says about that is not read.
 */
export class ClientAddresses {
  readonly #proxies: readonly AddressRange[];
  /** Of connections for which a proxy has said whose they are. */
  readonly #named = new WeakMap<Duplex, ClientAddress>();
  /** What stands for connections with TLS. */
  readonly #secure = new WeakSet<Duplex>();

  /** @param proxies the addresses of those that are trusted */
  constructor(proxies: readonly AddressRange[]) {
    this.#proxies = proxies;
  }

  isProxy({ ip }: ClientAddress): boolean {
    return isInAnyRange(ip, this.#proxies);
  }

  /** Notes for whom a proxy has opened a connection. @param ip 4 or 16 bytes */
  name(socket: Socket, ip: Uint8Array): ClientAddress {
    const clientAddress: ClientAddress = { host: formatIp(ip), ip };
    this.#named.set(socket, clientAddress);
    return clientAddress;
  }

  /** Takes one socket for another: TLS has one of its own on top of the connection's. */
  replace(socket: Socket, by: Duplex): void {
    const clientAddress = this.#named.get(socket);
    if (clientAddress !== undefined) this.#named.set(by, clientAddress);
    if (socket instanceof TLSSocket) this.#secure.add(by);
  }

  /** @returns `undefined` when the client has gone already */
  ofConnection(socket: Socket): ClientAddress | undefined {
    return this.#named.get(socket) ?? clientAddressOf(socket.remoteAddress ?? '');
  }

  /** @returns `undefined` when the client has gone already */
  ofRequest({ socket, headers }: IncomingMessage): ClientAddress | undefined {
    const clientAddress = this.ofConnection(socket);
    const list = headers['x-forwarded-for'];
    return clientAddress === undefined || list === undefined
      ? clientAddress
      : this.#behind(clientAddress, String(list));
  }

  /** Whether whoever sent a request spoke TLS: to a proxy, if that says so by `X-Forwarded-Proto`, or else to here. */
  isSecure({ socket, headers }: IncomingMessage): boolean {
    const peer = this.ofConnection(socket);
    const spoken = headers['x-forwarded-proto'];
    if (spoken === undefined || peer === undefined || !this.isProxy(peer)) return this.isTls(socket);
    // Of several proxies the first has heard it from the client.
    return /^\s*https\s*(?:,|$)/i.test(String(spoken));
  }

  /** Whether TLS is spoken on a connection, as a request has it. */
  isTls(socket: Socket): boolean {
    return socket instanceof TLSSocket || this.#secure.has(socket);
  }

  /** @param head of a request by a proxy, one character a byte */
  ofHead(proxy: ClientAddress, head: string): ClientAddress {
    return this.#behind(proxy, forwardedForIn(head));
  }

  /** The last hop that is no proxy, or the first of all, or the proxy that has added what is no address. */
  #behind(clientAddress: ClientAddress, list: string): ClientAddress {
    let last = clientAddress;
    for (const host of this.isProxy(clientAddress) ? lastForwarded(list) : []) {
      last = clientAddressOf(host)!;
      if (!this.isProxy(last)) break;
    }
    return last;
  }
}
