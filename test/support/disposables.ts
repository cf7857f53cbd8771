/**
 * Things to dispose of together, the last one first: what `AsyncDisposableStack` is where it exists.
 *
 * @example
 * ```ts
 * await using owned = new Disposables();
 * const folder = owned.use(await tempFolder());
 * const child = owned.use(await spawnProcess('daemon', [folder.path]));
 * const all = owned.move(); // nothing failed: from here on it is the caller who disposes
 * return { child, [Symbol.asyncDispose]: () => all[Symbol.asyncDispose]() };
 * ```
 */
export class Disposables implements AsyncDisposable {
  #owned: AsyncDisposable[] = [];

  /** Takes over a resource and returns it. */
  use<T extends AsyncDisposable>(resource: T): T {
    this.#owned.push(resource);
    return resource;
  }

  /** Calls `dispose` when its turn comes. */
  defer(dispose: () => Promise<void>): void {
    this.use({ [Symbol.asyncDispose]: dispose });
  }

  /** Hands everything over to the stack returned; this one is empty then. */
  move(): Disposables {
    const moved = new Disposables();
    [moved.#owned, this.#owned] = [this.#owned, []];
    return moved;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const errors: unknown[] = [];
    for (let resource = this.#owned.pop(); resource !== undefined; resource = this.#owned.pop()) {
      try {
        await resource[Symbol.asyncDispose]();
      } catch (thrown) {
        errors.push(thrown);
      }
    }
    if (errors.length > 0) throw new AggregateError(errors, errors.map(String).join('; '));
  }
}
