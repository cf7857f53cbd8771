/**
 * Tells whether work was aborted because its time was up, by the reason of its signal.
 *
 * The reason is then a `DOMException` like the one of `AbortSignal.timeout()`. Its `name` is part of the DOM standard, and
 * not the name of a class, which a bundler may change.
 */
export function isTimeout(reason: unknown): reason is Error {
  return reason instanceof Error && reason.name === 'TimeoutError';
}
