/**
 * A result that is known at once or has to be awaited, for a port with one adapter that answers from memory and another
 * that asks a server. A caller checks `instanceof Promise` and goes on at once if it can: awaiting a value that is no
 * promise costs a turn of the event loop.
 */
export type MaybePromise<T> = T | Promise<T>;
