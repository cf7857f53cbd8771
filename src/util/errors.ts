/**
 * The base of every error Shoal throws on purpose.
 *
 * A subclass narrows `code` to a closed union, so that a caller can `switch` over it, and adds the fields that
 * belong to its codes. The message says what was attempted, what was found and, where there is something to do,
 * what to do about it; code never depends on it.
 */
export abstract class ShoalError<Code extends string = string> extends Error {
  /** The kind of failure, from the closed union of the subclass. */
  readonly code: Code;

  constructor(code: Code, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
    this.name = new.target.name;
  }
}

/** Returns what was thrown if it is an `Error`, and otherwise an `Error` that describes it. */
export function toError(thrown: unknown): Error {
  return thrown instanceof Error
    ? thrown
    : new Error(`Something that is no Error was thrown: ${String(thrown)}`);
}
