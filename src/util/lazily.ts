/**
 * Makes a function that loads a module when it is first called, and then gives the same promise each time.
 *
 * `import()` itself gives the same module each time, but may take a round of the event loop to find it again.
 */
export function lazily<T>(load: () => Promise<T>): () => Promise<T> {
  let loaded: Promise<T> | undefined;
  return () => {
    loaded ??= load();
    return loaded;
  };
}
