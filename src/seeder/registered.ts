/** The promise that the tracker accepts the list of torrents. Others settle it. */
export class Registered {
  readonly promise: Promise<void>;
  #resolve: () => void = () => {};
  #reject: (error: Error) => void = () => {};

  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // A rejection that nobody waits for must not end the process. A warning tells the error as well.
    this.promise.catch(() => {});
  }

  /** Resolves the promise if it is not settled yet. */
  done(): void {
    this.#resolve();
  }

  /** Rejects the promise if it is not settled yet. */
  fail(error: Error): void {
    this.#reject(error);
  }
}
