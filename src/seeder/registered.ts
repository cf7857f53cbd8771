/** A promise that others settle: that the tracker has taken the list, or why it will not. */
export class Registered {
  readonly promise: Promise<void>;
  #resolve: () => void = () => {};
  #reject: (error: Error) => void = () => {};

  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // Nobody has to wait for it: what is wrong is told as a warning, too, and must not end the process.
    this.promise.catch(() => {});
  }

  /** Resolves it, unless it is settled. */
  done(): void {
    this.#resolve();
  }

  /** Rejects it, unless it is settled. */
  fail(error: Error): void {
    this.#reject(error);
  }
}
