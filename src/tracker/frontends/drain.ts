/** Milliseconds for what was asked to be answered when a tracker closes, before connections are cut. */
export const DRAIN_TIMEOUT = 5_000;
