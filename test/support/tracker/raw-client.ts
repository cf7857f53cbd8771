import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export interface RawResponse {
  readonly status: number;
  /** The headers, with lower-case names. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** A client that sends the bytes it is told to and reads answers of HTTP, one character a byte. */
export class RawClient implements AsyncDisposable {
  readonly #socket: Socket;
  #received = '';
  #isClosed = false;
  #wake = (): void => {};

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (bytes) => {
      this.#received += bytes.toString('latin1');
      this.#wake();
    });
    socket.on('close', () => {
      this.#isClosed = true;
      this.#wake();
    });
    // A tracker may reset a connection; what matters to a test is that it ends.
    socket.on('error', () => socket.destroy());
  }

  static async connect(port: number): Promise<RawClient> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new RawClient(socket);
  }

  /** Sends, and waits until it is with the kernel, so that two calls are two packets. */
  async send(text: string): Promise<void> {
    await new Promise<void>((resolve) => this.#socket.write(text, 'latin1', () => resolve()));
  }

  /** Stops taking in what the tracker sends. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** @param hasBody whether answers have the body whose length they state; those to HEAD have not */
  async answer(hasBody = true): Promise<RawResponse> {
    for (;;) {
      const answer = this.#takeAnswer(hasBody);
      if (answer !== undefined) return answer;
      if (this.#isClosed)
        throw new Error(`Closed without an answer, after ${JSON.stringify(this.#received)}`);
      await this.#change();
    }
  }

  /** Waits for the end of the connection. @returns what was received and not yet read */
  async closed(): Promise<string> {
    while (!this.#isClosed) await this.#change();
    return this.#received;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.destroy();
    await this.closed();
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #takeAnswer(hasBody: boolean): RawResponse | undefined {
    const end = this.#received.indexOf('\r\n\r\n');
    if (end === -1) return undefined;
    const [line, ...lines] = this.#received.slice(0, end).split('\r\n');
    const headers = new Map(
      lines.map((line) => {
        const [name, ...value] = line.split(':');
        return [name!.toLowerCase(), value.join(':').trim()];
      }),
    );
    const start = end + 4;
    const length = hasBody ? Number(headers.get('content-length') ?? 0) : 0;
    if (this.#received.length < start + length) return undefined;
    const body = this.#received.slice(start, start + length);
    this.#received = this.#received.slice(start + length);
    return { status: Number(line!.split(' ')[1]), headers, body };
  }
}
