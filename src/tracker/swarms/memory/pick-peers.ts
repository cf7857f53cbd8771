import { type Random, randomBelow } from '../../../util/index.ts';
import type { SwarmPeer, SwarmQuestion } from '../swarm-store.ts';
import { PeerPick } from './peer-pick.ts';
import type { PeerTables } from './peer-tables.ts';

/** Rows of a role of which those nearby are found: in a larger swarm, of so many from a random one on. */
const NEARBY_ROWS = 512;

/** Picks up to `want` peers of the chosen table for another: runs of rows from a random one on. */
export function pickPeers(
  table: PeerTables,
  { role, peerId }: SwarmPeer,
  want: number,
  question: SwarmQuestion,
  random: Random,
): PeerPick {
  const pick = new PeerPick(table.addressSize, Math.min(want, table.count), peerId, question);
  if (pick.room === 0) return pick;
  const isDownloader = role === 'downloader';
  if (pick.prefersNear) pickNearFirst(pick, table, isDownloader, random);
  else pickAnywhere(pick, table, isDownloader, random);
  return pick;
}

function pickAnywhere(pick: PeerPick, table: PeerTables, isDownloader: boolean, random: Random): void {
  const { start, count, downloaders } = table;
  const uploaders = start + table.uploaders;
  const end = start + count;
  if (!isDownloader) {
    take(pick, table, uploaders, end, Math.min(downloaders, pick.room), random);
    return;
  }
  // Downloaders first, for the peer itself is among them: the others fill the place that it leaves.
  const fair = Math.max(Math.floor(pick.room / 2), pick.room - table.uploaders);
  take(pick, table, uploaders, end, Math.min(downloaders, fair), random);
  take(pick, table, start, uploaders, Math.min(table.uploaders, pick.room), random);
}

/** Takes up to `want` of the rows [from, to), going round; looks at one more at most. */
function take(
  pick: PeerPick,
  table: PeerTables,
  from: number,
  to: number,
  want: number,
  random: Random,
): void {
  if (want === 0) return;
  pick.takeRound(table.rows, from, to, randomRow(from, to, random), want);
}

/** Those nearby of both roles, and then the others: either way half of each role where there are enough. */
function pickNearFirst(pick: PeerPick, table: PeerTables, isDownloader: boolean, random: Random): void {
  const { rows, start, count } = table;
  const uploaders = start + table.uploaders;
  const down = lookAround(pick, table, uploaders, start + count, random);
  const up = isDownloader ? lookAround(pick, table, start, uploaders, random) : NOBODY;
  for (const where of ['near', 'far'] as const) {
    const fair = Math.max(Math.floor(pick.room / 2), pick.room - up[where].length);
    pick.takeEach(rows, down[where], fair);
    pick.takeEach(rows, up[where], pick.room);
  }
}

/** Rows of one role, none of them the asker's. */
interface Surroundings {
  readonly near: readonly number[];
  readonly far: readonly number[];
}

const NOBODY: Surroundings = { near: [], far: [] };

/** Tells those nearby from others among the rows [from, to), until there are enough; looks at some hundred. */
function lookAround(
  pick: PeerPick,
  table: PeerTables,
  from: number,
  to: number,
  random: Random,
): Surroundings {
  if (from === to) return NOBODY;
  const { rows } = table;
  const near: number[] = [];
  const far: number[] = [];
  const run = Math.min(Math.max(pick.room + 1, NEARBY_ROWS), to - from);
  let row = randomRow(from, to, random);
  for (let looked = 0; looked < run && near.length < pick.room; looked += 1) {
    if (!pick.isAsker(rows, row)) (pick.isNear(rows, row) ? near : far).push(row);
    row = row + 1 === to ? from : row + 1;
  }
  return { near, far };
}

function randomRow(from: number, to: number, random: Random): number {
  const span = to - from;
  return span === 1 ? from : from + randomBelow(random, span);
}
