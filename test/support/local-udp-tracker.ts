import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { MAX_UDP_RESPONSE_BYTES, UDP_ACTION } from '../../src/tracker-protocol/index.ts';

/**
 * Writes the answer to a request into `target`, which holds the transaction id at 4 already.
 *
 * @returns how long it is; 0: there is none
 */
export type UdpResponseOf = (request: Buffer, target: Buffer) => number;

/** A tracker on loopback that gives connection ids by itself and takes the rest from a test. */
export class LocalUdpTracker implements AsyncDisposable {
  /** The action of each request that came, by name. */
  readonly asked: string[] = [];
  readonly #socket: Socket;
  readonly #answer: UdpResponseOf;

  private constructor(socket: Socket, answer: UdpResponseOf) {
    this.#socket = socket;
    this.#answer = answer;
    socket.on('message', (request, from) => this.#onRequest(request, from));
  }

  /** @param answer to what is no connect */
  static async start(answer: UdpResponseOf, host = '127.0.0.1'): Promise<LocalUdpTracker> {
    const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
    const listening = once(socket, 'listening');
    socket.bind(0, host);
    await listening;
    return new LocalUdpTracker(socket, answer);
  }

  get port(): number {
    return this.#socket.address().port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Promise<void>((resolve) => this.#socket.close(resolve));
  }

  #onRequest(request: Buffer, { port, address }: RemoteInfo): void {
    const action = request.readUInt32BE(8);
    this.asked.push(Object.keys(UDP_ACTION)[action]!);
    const target = Buffer.alloc(MAX_UDP_RESPONSE_BYTES);
    target.writeUInt32BE(request.readUInt32BE(12), 4);
    const length = action === UDP_ACTION.connect ? 16 : this.#answer(request, target);
    if (action === UDP_ACTION.connect) target.write('an id ok', 8);
    if (length > 0) this.#socket.send(target.subarray(0, length), port, address);
  }
}
