/**
 * Makes a function that calls `make` when it is first called, and then gives the same result each time.
 *
 * Around `import()` it gives the same promise each time: to find a module again may take a round of the event loop.
 */
export function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
