/**
 * The trust in a peer to send what belongs there.
 *
 * - `proven` it has sent as much as a piece, all of it right, and nothing doubtful since then
 * - `fresh` nothing is known of it yet
 * - `suspect` it is one of the peers that sent a piece whose hash was wrong, and may be the one to blame
 */
export type Trust = 'proven' | 'fresh' | 'suspect';

/** The number of right blocks that prove a peer at most, 1 MiB. A piece of fewer blocks proves the peer that sent it alone. */
export const PROVING_BLOCKS = 64;

/**
 * The milliseconds for which a peer has to send nothing until what it owes is overdue: its blocks may then be asked of another
 * peer that has nothing else to do, and a piece that it has alone may be taken from it.
 */
export const OVERDUE_MS = 1500;

/** The milliseconds after which a block is overdue even when the peer sends others all the time. */
export const LATE_MS = 5000;

/**
 * The milliseconds for which a peer is asked for nothing new when others had to be asked for what it owes: the first time.
 * They double each time, up to {@link LONGEST_PAUSE_MS}.
 */
export const FIRST_PAUSE_MS = 15_000;
/** The most milliseconds for which a peer is asked for nothing new. */
export const LONGEST_PAUSE_MS = 60_000;
