/** Connections open or being opened, over all torrents of a session. */
export const DEFAULT_MAX_CONNECTIONS = 500;

/** Counts connections against a limit. */
export class ConnectionSlots {
  readonly #limit: number;
  #taken = 0;

  constructor(limit = DEFAULT_MAX_CONNECTIONS) {
    this.#limit = limit;
  }

  get taken(): number {
    return this.#taken;
  }

  get canOpen(): boolean {
    return this.#taken < this.#limit;
  }

  take(): void {
    this.#taken += 1;
  }

  release(): void {
    this.#taken -= 1;
  }
}
