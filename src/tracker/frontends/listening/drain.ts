/** Milliseconds in which the requests that have arrived are answered when a tracker closes, before connections are closed. */
export const DRAIN_TIMEOUT = 5_000;
