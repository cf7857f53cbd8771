/**
 * What is known at once or is awaited: the result of a port of which one adapter answers from memory and another asks a
 * server. Who is given one asks `instanceof Promise` and goes on at once where it can; awaiting what is no promise costs
 * a turn.
 */
export type MaybePromise<T> = T | Promise<T>;
