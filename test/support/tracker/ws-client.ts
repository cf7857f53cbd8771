import { once } from 'node:events';
import { WebSocket } from 'ws';

/** A message of a tracker to WebTorrent peers, as far as tests look at it. */
export interface WsMessage {
  readonly action?: string;
  readonly info_hash?: string;
  readonly peer_id?: string;
  readonly offer_id?: string;
  readonly offer?: { readonly type: string; readonly sdp: string };
  readonly answer?: { readonly type: string; readonly sdp: string };
  readonly interval?: number;
  readonly complete?: number;
  readonly incomplete?: number;
  readonly files?: Readonly<Record<string, unknown>>;
  readonly 'failure reason'?: string;
}

export interface WsTestOptions {
  readonly protocols?: string[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** A connection to a tracker on which messages are read one by one. */
export class WsTestClient implements AsyncDisposable {
  readonly webSocket: WebSocket;
  readonly #received: WsMessage[] = [];
  #closeCode: number | undefined;
  #wake = (): void => {};

  private constructor(webSocket: WebSocket) {
    this.webSocket = webSocket;
    webSocket.on('message', (data) => {
      this.#received.push(JSON.parse((data as Buffer).toString()) as WsMessage);
      this.#wake();
    });
    webSocket.on('close', (code) => {
      this.#closeCode = code;
      this.#wake();
    });
    // The close event tells what a tracker did to a connection.
    webSocket.on('error', () => {});
  }

  static async connect(
    port: number,
    path = '/announce',
    { protocols = [], headers = {} }: WsTestOptions = {},
  ): Promise<WsTestClient> {
    const url = `ws://127.0.0.1:${port}${path}`;
    return WsTestClient.open(new WebSocket(url, protocols, { headers, perMessageDeflate: false }));
  }

  /** @param webSocket that is being opened */
  static async open(webSocket: WebSocket): Promise<WsTestClient> {
    const client = new WsTestClient(webSocket);
    await once(webSocket, 'open');
    return client;
  }

  send(message: object | string): void {
    this.webSocket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  async next(): Promise<WsMessage> {
    for (;;) {
      const message = this.#received.shift();
      if (message !== undefined) return message;
      if (this.#closeCode !== undefined) throw new Error(`Closed with ${this.#closeCode}, and no message`);
      await this.#change();
    }
  }

  /** Sends a message and reads the next that comes. */
  ask(message: object | string): Promise<WsMessage> {
    this.send(message);
    return this.next();
  }

  /** Waits for the end of the connection. @returns the code it was closed with */
  async closed(): Promise<number> {
    while (this.#closeCode === undefined) await this.#change();
    return this.#closeCode;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.webSocket.terminate();
    await this.closed();
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}

export const WS_INFO_HASH = '\u00a9'.repeat(20);

/** 20 characters. */
export function wsPeerId(peer: string): string {
  return peer.padEnd(20, '\u00ff');
}

/** An announce of a peer, with as many offers: each `offer 1 of A`. */
export function wsAnnounce(peer: string, more: object = {}, offers = 0): object {
  return {
    action: 'announce',
    info_hash: WS_INFO_HASH,
    peer_id: wsPeerId(peer),
    left: 1,
    numwant: offers,
    offers: Array.from({ length: offers }, (_, at) => ({
      offer: { type: 'offer', sdp: `offer ${at} of ${peer}` },
      offer_id: `${peer}${at}`.padEnd(20, 'o'),
    })),
    ...more,
  };
}
