import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import {
  type AnnounceRequest,
  decodeUdpResponse,
  encodeUdpAnnounce,
  encodeUdpConnect,
  encodeUdpScrape,
  type UdpRequestHead,
  type UdpResponse,
} from '../../../src/tracker-protocol/index.ts';
import { type Address, parseInfoHash } from '../../../src/util/index.ts';

const TRANSACTION_ID = 7;
const INFO_HASH = parseInfoHash('aa'.repeat(20));

/** Asks a tracker over UDP, one packet at a time. */
export class UdpClient implements AsyncDisposable {
  readonly #socket: Socket;
  readonly #family: 4 | 6;

  private constructor(socket: Socket, family: 4 | 6) {
    this.#socket = socket;
    this.#family = family;
  }

  static async connect({ host, port }: Address): Promise<UdpClient> {
    const family = host.includes(':') ? 6 : 4;
    const socket = createSocket(`udp${family}`);
    socket.connect(port, host);
    await once(socket, 'connect');
    return new UdpClient(socket, family);
  }

  send(packet: Uint8Array): void {
    this.#socket.send(packet);
  }

  /** Sends one packet and reads the next that comes. */
  async ask(packet: Uint8Array): Promise<UdpResponse> {
    const answered = once(this.#socket, 'message');
    this.send(packet);
    const [answer] = (await answered) as [Buffer];
    return decodeUdpResponse(answer, this.#family);
  }

  /** Connects and announces the peer at `port`. */
  async announce(port: number, urlData = '/announce'): Promise<UdpResponse> {
    const head = await this.#connected();
    const request: AnnounceRequest = {
      infoHash: INFO_HASH,
      peerId: Buffer.from(String(port).padStart(20, '-')),
      port,
      uploaded: 0,
      downloaded: 0,
      left: 1,
      event: 'started',
      compact: true,
      noPeerId: true,
    };
    return this.ask(encodeUdpAnnounce(head, request, urlData));
  }

  /** Connects and asks for the swarm that {@link announce} is in. */
  async scrape(): Promise<UdpResponse> {
    return this.ask(encodeUdpScrape(await this.#connected(), { infoHashes: [INFO_HASH] }));
  }

  async #connected(): Promise<UdpRequestHead> {
    const connected = await this.ask(encodeUdpConnect(TRANSACTION_ID));
    if (connected.action !== 'connect')
      throw new Error(`The tracker answered ${connected.action} to a connect`);
    return { connectionId: connected.connectionId, transactionId: TRANSACTION_ID };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Promise<void>((resolve) => this.#socket.close(resolve));
  }
}
