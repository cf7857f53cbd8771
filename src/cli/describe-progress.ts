import { shown } from '../util/index.ts';
import { formatCount, formatRate, formatSeconds, formatSize } from './format.ts';
import type { CommandProgress } from './progress.ts';
import { columnsOf, shorten } from './shorten.ts';

const VERBS = {
  hashing: 'Hashing',
  'looking-up': 'Looking up',
  allocating: 'Taking space for',
  checking: 'Checking',
  reusing: 'Reusing files on this disk for',
  downloading: 'Downloading',
  verifying: 'Verifying',
  seeding: 'Seeding',
} as const satisfies Record<Exclude<CommandProgress['phase'], 'waiting'>, string>;

/** Describes a phase: `Downloading aow.txt`. */
export function describePhase({ phase, name }: CommandProgress): string {
  if (phase === 'waiting') return `Waiting for a seeder${name === undefined ? '' : ` of ${shown(name)}`}`;
  return name === undefined ? VERBS[phase] : `${VERBS[phase]} ${shown(name)}`;
}

/**
 * Describes progress: `Downloading aow.txt: 34%  1.2 MiB of 3.5 MiB`. While a file is looked up, or waited for, there is no
 * amount.
 */
export function describeProgress(progress: CommandProgress): string {
  const phase = describePhase(progress);
  if (progress.phase === 'waiting')
    return `${phase} since ${progress.since}: ${shown(progress.waitingFor ?? '')}`;
  return progress.phase === 'looking-up' ? phase : `${phase}: ${describeAmount(progress).trimStart()}`;
}

/** Describes the amount: `34%  1.2 MiB of 3.5 MiB, 2.0 MiB/s, 2s left, 3 peers`. */
export function describeAmount(progress: CommandProgress): string {
  return withPercent(progress, amountParts(progress));
}

/** The columns that the phase and the name keep; the amount is shortened before they get fewer. */
const LABEL_COLUMNS = 20;
const BAR_COLUMNS = 24;
/** The fewest columns of a bar. A shorter bar would be of no use. */
const FEWEST_BAR_COLUMNS = 8;
const GAP = '  ';

/**
 * Describes progress in one line of a terminal: a bar, the amount, the phase and the name. If that is too long, first the bar
 * is made shorter, then the amount, and last the name.
 *
 * @param drawBar draws a bar of the given number of columns
 */
export function fitProgress(
  progress: CommandProgress,
  columns: number,
  drawBar: (columns: number) => string,
): string {
  const label = describePhase(progress);
  if (progress.phase === 'looking-up') return shorten(label, columns);
  if (progress.phase === 'waiting') {
    const { waited = 0, waitingFor = '' } = progress;
    return shorten(`${label}, ${formatSeconds(waited)}: ${shown(waitingFor)}`, columns);
  }
  const roomBeside = (amount: string) => columns - amount.length - GAP.length;
  const wanted = Math.min(LABEL_COLUMNS, columnsOf(label));
  const amounts = amountsOf(progress);
  const amount = amounts.find((text) => roomBeside(text) >= wanted) ?? amounts.at(-1)!;
  const room = roomBeside(amount);
  const isWhole = columnsOf(label) <= room;
  const text = isWhole ? label : shorten(shown(progress.name ?? label), room);
  const bar = Math.min(BAR_COLUMNS, room - columnsOf(text) - 1);
  return `${bar < FEWEST_BAR_COLUMNS ? '' : `${drawBar(bar)} `}${amount}${GAP}${text}`.trimEnd();
}

/** Lists the amount as {@link describeAmount} gives it, followed by shorter and shorter forms. */
function amountsOf(progress: CommandProgress): string[] {
  const parts = amountParts(progress);
  return [...parts, ''].map((_, left) => withPercent(progress, parts.slice(0, parts.length - left)));
}

function amountParts({
  phase,
  done,
  total,
  downloadRate = 0,
  peers = 0,
  ...moved
}: CommandProgress): string[] {
  if (phase === 'seeding') {
    const { uploaded = 0, uploadRate = 0 } = moved;
    return [`${formatSize(uploaded)} uploaded`, formatRate(uploadRate), formatCount(peers, 'peer')];
  }
  const parts = [`${formatSize(done)} of ${formatSize(total)}`];
  if (phase !== 'downloading') return parts;
  parts.push(formatRate(downloadRate));
  if (downloadRate > 0 && done < total) parts.push(`${formatSeconds((total - done) / downloadRate)} left`);
  return [...parts, formatCount(peers, 'peer')];
}

function withPercent({ done, total }: CommandProgress, parts: readonly string[]): string {
  return `${String(percentOf(done, total)).padStart(3)}%  ${parts.join(', ')}`.trimEnd();
}

/** Computes the percentage, rounded down, so that 100 means all. */
function percentOf(done: number, total: number): number {
  return total === 0 ? 100 : Math.floor((100 * done) / total);
}
