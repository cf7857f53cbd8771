/**
 * A result that is known at once or has to be awaited: that of a port of which one adapter answers from memory and
 * another asks a server. A caller asks `instanceof Promise` and goes on at once where it can, since awaiting a value that
 * is no promise costs a turn of the event loop.
 */
export type MaybePromise<T> = T | Promise<T>;
