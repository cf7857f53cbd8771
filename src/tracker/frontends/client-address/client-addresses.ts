import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { type AddressRange, formatIp, isInAnyRange } from '../../../util/index.ts';
import { type ClientAddress, clientAddressOf } from '../../core/index.ts';
import { forwardedForIn, lastForwarded } from './forwarded-for.ts';

/**
 * Finds the address of the client that sent a request: the other end of the connection or, if that is a trusted proxy,
 * the address that the proxy names. What other clients say about addresses is ignored.
 */
export class ClientAddresses {
  readonly #proxies: readonly AddressRange[];
  /** The addresses that proxies have named for whole connections. */
  readonly #named = new WeakMap<Duplex, ClientAddress>();
  /** The streams on top of connections with TLS. */
  readonly #secure = new WeakSet<Duplex>();

  /** @param proxies the addresses of the trusted proxies */
  constructor(proxies: readonly AddressRange[]) {
    this.#proxies = proxies;
  }

  isProxy({ ip }: ClientAddress): boolean {
    return isInAnyRange(ip, this.#proxies);
  }

  /** Notes for which client a proxy has opened a connection. @param ip 4 or 16 bytes */
  name(socket: Socket, ip: Uint8Array): ClientAddress {
    const clientAddress: ClientAddress = { host: formatIp(ip), ip };
    this.#named.set(socket, clientAddress);
    return clientAddress;
  }

  /** Notes that a stream stands for a socket from now on, such as the one of TLS on top of the connection's. */
  replace(socket: Socket, by: Duplex): void {
    const clientAddress = this.#named.get(socket);
    if (clientAddress !== undefined) this.#named.set(by, clientAddress);
    if (socket instanceof TLSSocket) this.#secure.add(by);
  }

  /** Finds the client of a connection. @returns `undefined` when the client has gone already */
  ofConnection(socket: Socket): ClientAddress | undefined {
    return this.#named.get(socket) ?? clientAddressOf(socket.remoteAddress ?? '');
  }

  /** Finds the client of a request. @returns `undefined` when the client has gone already */
  ofRequest({ socket, headers }: IncomingMessage): ClientAddress | undefined {
    const clientAddress = this.ofConnection(socket);
    const list = headers['x-forwarded-for'];
    return clientAddress === undefined || list === undefined
      ? clientAddress
      : this.#behind(clientAddress, String(list));
  }

  /** Tells whether the client used TLS: towards a proxy, if that says so by `X-Forwarded-Proto`, or else towards the tracker. */
  isSecure({ socket, headers }: IncomingMessage): boolean {
    const peer = this.ofConnection(socket);
    const spoken = headers['x-forwarded-proto'];
    if (spoken === undefined || peer === undefined || !this.isProxy(peer)) return this.isTls(socket);
    // The first of several proxies is the one that the client connected to.
    return /^\s*https\s*(?:,|$)/i.test(String(spoken));
  }

  /** Tells whether a socket, as a request has it, speaks TLS. */
  isTls(socket: Socket): boolean {
    return socket instanceof TLSSocket || this.#secure.has(socket);
  }

  /** Finds the client of a request that a proxy has sent. @param head the head of the request, one character a byte */
  ofHead(proxy: ClientAddress, head: string): ClientAddress {
    return this.#behind(proxy, forwardedForIn(head));
  }

  /** Finds the last hop of a list that is no proxy, the first hop if all are, or the proxy that added what is no address. */
  #behind(clientAddress: ClientAddress, list: string): ClientAddress {
    let last = clientAddress;
    for (const host of this.isProxy(clientAddress) ? lastForwarded(list) : []) {
      last = clientAddressOf(host)!;
      if (!this.isProxy(last)) break;
    }
    return last;
  }
}
