import { type Random, randomBelow } from '../../../util/index.ts';
import type { SwarmPeer, SwarmQuestion } from '../swarm-store.ts';
import { type AddressTurns, isMostlyOneNetwork, type TableRole } from './address-turns.ts';
import { PeerPick } from './peer-pick.ts';
import type { PeerTables } from './peer-tables.ts';
import { MAX_ROWS_IN_TURNS } from './site-groups.ts';

/** The number of rows of a role among which those nearby are looked for; in a larger swarm, they begin at a random one. */
const NEARBY_ROWS = 512;

/** The means to choose among peers. */
export interface Choice {
  readonly random: Random;
  readonly turns: AddressTurns;
}

/** Picks peers of the chosen table for another peer: runs of rows from a random one on. */
export function pickPeers(
  table: PeerTables,
  { role, peerId }: SwarmPeer,
  want: number,
  question: SwarmQuestion,
  choice: Choice,
): PeerPick {
  const pick = new PeerPick(table.addressSize, Math.min(want, table.count), peerId, question);
  if (pick.room === 0) return pick;
  const isDownloader = role === 'downloader';
  if (pick.prefersNear) pickNearFirst(pick, table, isDownloader, choice);
  else pickAnywhere(pick, table, isDownloader, choice);
  return pick;
}

function pickAnywhere(pick: PeerPick, table: PeerTables, isDownloader: boolean, choice: Choice): void {
  if (!isDownloader) {
    take(pick, table, 'downloaders', pick.room, choice);
    return;
  }
  // Downloaders are taken first, because the asking peer is among them: the others fill its place.
  const fair = Math.max(Math.floor(pick.room / 2), pick.room - table.uploaders);
  take(pick, table, 'downloaders', fair, choice);
  take(pick, table, 'uploaders', pick.room, choice);
}

/**
 * Takes up to `most` of the peers of a role, wrapping around. Addresses take turns if one address or network could fill the
 * response; otherwise at most one more is looked at.
 */
function take(pick: PeerPick, table: PeerTables, role: TableRole, most: number, choice: Choice): void {
  const { rows, start } = table;
  const border = start + table.uploaders;
  const [from, to] = role === 'uploaders' ? [start, border] : [border, start + table.count];
  const want = Math.min(to - from, most);
  if (want === 0) return;
  const first = randomRow(from, to, choice.random);
  if (want < to - from && (table.isCrowded || isMostlyOneNetwork(rows, from, to, first, want))) {
    pick.takeEach(rows, choice.turns.choose(table, role, first, want, pick.asker), want);
  } else pick.takeRound(rows, from, to, first, want);
}

/** Picks peers nearby of both roles, and then the others; of each, half are of either role if there are enough. */
function pickNearFirst(pick: PeerPick, table: PeerTables, isDownloader: boolean, choice: Choice): void {
  const { rows, start, count } = table;
  const uploaders = start + table.uploaders;
  const down = lookAround(pick, table, uploaders, start + count, choice);
  const up = isDownloader ? lookAround(pick, table, start, uploaders, choice) : NOBODY;
  for (const where of ['near', 'far'] as const) {
    const fair = Math.max(Math.floor(pick.room / 2), pick.room - up[where].length);
    pick.takeEach(rows, down[where], fair);
    pick.takeEach(rows, up[where], pick.room);
  }
}

/** The rows of one role around a random one, none of which is the asking peer's. */
interface Surroundings {
  readonly near: readonly number[];
  readonly far: readonly number[];
}

const NOBODY: Surroundings = { near: [], far: [] };

/** Divides the rows [from, to) into those nearby and the others, until there are enough. It looks at some hundred. */
function lookAround(
  pick: PeerPick,
  table: PeerTables,
  from: number,
  to: number,
  choice: Choice,
): Surroundings {
  if (from === to) return NOBODY;
  const { rows, isCrowded } = table;
  const near: number[] = [];
  const far: number[] = [];
  const run = Math.min(isCrowded ? MAX_ROWS_IN_TURNS : Math.max(pick.room + 1, NEARBY_ROWS), to - from);
  let row = randomRow(from, to, choice.random);
  for (let looked = 0; looked < run && (isCrowded || near.length < pick.room); looked += 1) {
    if (!pick.isAsker(rows, row)) (pick.isNear(rows, row) ? near : far).push(row);
    row = row + 1 === to ? from : row + 1;
  }
  if (!isCrowded) return { near, far };
  const inTurns = (some: readonly number[]): number[] =>
    Array.from(choice.turns.order(rows, some, pick.asker));
  return { near: inTurns(near), far: inTurns(far) };
}

function randomRow(from: number, to: number, random: Random): number {
  const span = to - from;
  return span === 1 ? from : from + randomBelow(random, span);
}
