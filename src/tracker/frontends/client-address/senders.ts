import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { type AddressRange, formatIp, isInAnyRange } from '../../../util/index.ts';
import { type Sender, senderAt } from '../../core/index.ts';
import { forwardedForIn, lastForwarded } from './forwarded-for.ts';

/**
 * Says who sent something: who is at the other end of the connection, or, where that is a proxy that is trusted, whom
 * the proxy names. What everyone else says about that is not read.
 */
export class Senders {
  readonly #proxies: readonly AddressRange[];
  /** Of connections for which a proxy has said whose they are. */
  readonly #named = new WeakMap<Duplex, Sender>();
  /** What stands for connections with TLS. */
  readonly #secure = new WeakSet<Duplex>();

  /** @param proxies the addresses of those that are trusted */
  constructor(proxies: readonly AddressRange[]) {
    this.#proxies = proxies;
  }

  isProxy({ ip }: Sender): boolean {
    return isInAnyRange(ip, this.#proxies);
  }

  /** Notes for whom a proxy has opened a connection. @param ip 4 or 16 bytes */
  name(socket: Socket, ip: Uint8Array): Sender {
    const sender: Sender = { host: formatIp(ip), ip };
    this.#named.set(socket, sender);
    return sender;
  }

  /** Takes one socket for another: TLS has one of its own on top of the connection's. */
  replace(socket: Socket, by: Duplex): void {
    const sender = this.#named.get(socket);
    if (sender !== undefined) this.#named.set(by, sender);
    if (socket instanceof TLSSocket) this.#secure.add(by);
  }

  /** @returns `undefined` when the client has gone already */
  ofConnection(socket: Socket): Sender | undefined {
    return this.#named.get(socket) ?? senderAt(socket.remoteAddress ?? '');
  }

  /** @returns `undefined` when the client has gone already */
  ofRequest({ socket, headers }: IncomingMessage): Sender | undefined {
    const sender = this.ofConnection(socket);
    const list = headers['x-forwarded-for'];
    return sender === undefined || list === undefined ? sender : this.#behind(sender, String(list));
  }

  /** Whether whoever sent a request spoke TLS: to a proxy, if that says so by `X-Forwarded-Proto`, or else to here. */
  isSecure({ socket, headers }: IncomingMessage): boolean {
    const peer = this.ofConnection(socket);
    const spoken = headers['x-forwarded-proto'];
    if (spoken === undefined || peer === undefined || !this.isProxy(peer)) return this.isTls(socket);
    // Of several proxies the first has heard it from the sender.
    return /^\s*https\s*(?:,|$)/i.test(String(spoken));
  }

  /** Whether TLS is spoken on a connection, as a request has it. */
  isTls(socket: Socket): boolean {
    return socket instanceof TLSSocket || this.#secure.has(socket);
  }

  /** @param head of a request by a proxy, one character a byte */
  ofHead(proxy: Sender, head: string): Sender {
    return this.#behind(proxy, forwardedForIn(head));
  }

  /** The last hop that is no proxy, or the first of all, or the proxy that has added what is no address. */
  #behind(sender: Sender, list: string): Sender {
    let last = sender;
    for (const host of this.isProxy(sender) ? lastForwarded(list) : []) {
      last = senderAt(host)!;
      if (!this.isProxy(last)) break;
    }
    return last;
  }
}
