/**
 * How far a peer is trusted to send what belongs there.
 *
 * - `proven` it has sent as much as a piece, all of it right, and nothing doubtful since then
 * - `fresh` nothing is known of it yet
 * - `suspect` it is one of the peers that sent a piece whose hash was wrong, and may be the one to blame
 */
export type Trust = 'proven' | 'fresh' | 'suspect';

/** How many right blocks prove a peer at most, 1 MiB; a piece of fewer blocks proves the peer that sent it alone. */
export const PROVING_BLOCKS = 64;

/**
 * What a peer owes is overdue when it has sent nothing for so long, in milliseconds: its blocks may be asked of another
 * peer that has nothing else to do, and a piece that it has alone may be taken from it.
 */
export const OVERDUE_MS = 1500;

/** A block that was asked for so long ago, in milliseconds, is overdue also when the peer sends others all the time. */
export const LATE_MS = 5000;

/** How long a peer is asked for nothing new when others had to be asked for what it owes; doubles each time. In milliseconds. */
export const FIRST_PAUSE_MS = 15_000;
export const LONGEST_PAUSE_MS = 60_000;
