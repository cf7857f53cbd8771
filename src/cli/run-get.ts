import { GetError, type GetProgress, type GetResult, get, type SeedingResult } from '../client/index.ts';
import { GivenUpError, printable, shown, untilGivenUp, wakefulClock } from '../util/index.ts';
import { DeliveryCommand } from './delivery-command.ts';
import { UsageError } from './errors.ts';
import { formatCount, formatSeconds, formatSize } from './format.ts';
import type { CommandProgress } from './progress.ts';
import type { CommandContext } from './run-command.ts';
import { readWanted } from './wanted.ts';

export interface GetFlags {
  readonly id?: string;
  readonly force?: true;
  readonly wait?: true;
  /** The text for the shell. */
  readonly then?: string;
  readonly repair?: true;
  readonly trustTrackers?: true;
  readonly reuse?: readonly string[];
}

/** Runs `shoal get`. @param target the TARGET for `readTarget()`; by default the settings describe the file */
export async function runGet(
  context: CommandContext,
  target: string | undefined,
  flags: GetFlags,
): Promise<void> {
  const { settings, progress, onWarning } = context;
  if (flags.then?.trim() === '') throw new UsageError('Cannot run --then: the command is empty');
  const command = new DeliveryCommand(context, flags.then);
  const stallMs = settings['client.stall'];
  const seedForMs = settings['client.seedFor'] ?? 0;
  const seedRatio = settings['client.seedRatio'] ?? 0;
  const withSince = sinceFirstWait();
  const { seeding } = await withDeadline(
    context.signal,
    settings['client.timeout'],
    async (signal, cancelDeadline) => {
      // Nothing is lost when reading is given up, so that it gets no grace.
      const grace = { signal, graceMs: 0, clock: wakefulClock, report: onWarning };
      const wanted = await untilGivenUp(readWanted(context, target, flags.id), grace);
      return await get({
        ...wanted,
        bind: settings['client.bind'],
        port: settings['client.port'],
        limits: { up: settings['limit.up'], down: settings['limit.down'] },
        replace: flags.force ?? false,
        repair: flags.repair ?? false,
        trustTrackers: flags.trustTrackers ?? false,
        reuse: flags.reuse ?? [],
        preallocation: settings['client.preallocation'],
        trackerPatienceMs: settings['client.trackerPatience'],
        wait: flags.wait ?? false,
        ...(stallMs !== undefined && { stallMs }),
        seedForMs,
        seedRatio,
        signal,
        onDelivered: (result) => {
          cancelDeadline();
          progress.stop();
          tellDelivered(context, result, { reuse: flags.reuse ?? [], seedForMs, seedRatio });
          command.start(result, seedForMs > 0 || seedRatio > 0);
        },
        onProgress: (moved) => progress.update(withSince(moved)),
        onWarning,
        onDebug: (message) => context.log.debug(message),
      });
    },
  );
  progress.stop();
  if (seeding !== undefined) tellStopped(context, seeding);
  await command.end();
}

/**
 * Does `work` with a signal that aborts together with `signal`, and after `timeoutMs` with a `TimeoutError`, unless the work
 * has cancelled the deadline by then.
 *
 * @param timeoutMs the time limit; 0 or `undefined` for none
 */
async function withDeadline<T>(
  signal: AbortSignal,
  timeoutMs: number | undefined,
  work: (signal: AbortSignal, cancelDeadline: () => void) => Promise<T>,
): Promise<T> {
  if (timeoutMs === undefined || timeoutMs === 0) return work(signal, () => {});
  const deadline = new AbortController();
  // AbortSignal.timeout() is not used: Node 20 may collect it as garbage while only AbortSignal.any() listens to it.
  const timer = setTimeout(
    () => deadline.abort(new DOMException(`${timeoutMs} ms have passed`, 'TimeoutError')),
    timeoutMs,
  );
  try {
    return await work(AbortSignal.any([signal, deadline.signal]), () => clearTimeout(timer));
  } catch (thrown) {
    if (!(thrown instanceof GivenUpError) || !deadline.signal.aborted) throw thrown;
    throw new GetError('TIMED_OUT', 'The TARGET could not be read in time', { cause: thrown });
  } finally {
    clearTimeout(timer);
  }
}

/** The flags that decide what is told when everything is there. */
interface DeliveryFlags {
  /** The paths that were given to be reused. */
  readonly reuse: readonly string[];
  readonly seedForMs: number;
  readonly seedRatio: number;
}

/** Tells that everything is there, and that it is seeded now. */
function tellDelivered(
  { output }: CommandContext,
  result: GetResult,
  { reuse, seedForMs, seedRatio }: DeliveryFlags,
): void {
  output.tell('done', result, describeResult(result, reuse));
  if (seedForMs === 0 && seedRatio === 0) return;
  const { path, infoHash } = result;
  const limits = [
    ...(seedForMs > 0 ? [`for ${formatSeconds(seedForMs / 1000)}`] : []),
    ...(seedRatio > 0 ? [`until ${formatSize(seedRatio * result.size)} are uploaded`] : []),
  ];
  output.tell(
    'seeding',
    {
      path,
      infoHash,
      ...(seedForMs > 0 && { seconds: seedForMs / 1000 }),
      ...(seedRatio > 0 && { ratio: seedRatio }),
    },
    `Seeding it ${limits.join(' or ')}`,
  );
}

function tellStopped({ output }: CommandContext, seeding: SeedingResult): void {
  const { uploaded, seconds } = seeding;
  output.tell(
    'stopped',
    seeding,
    `Seeding stopped after ${formatSeconds(seconds)}, ${formatSize(uploaded)} uploaded`,
  );
}

/** @param reuse the paths that were given to be reused */
function describeResult(result: GetResult, reuse: readonly string[]): string[] {
  const { path, name, size, sha256, contentId, removed = [] } = result;
  const how = describeSources(result, reuse);
  const lines = [`Got ${shown(name)} (${formatSize(size)}) as ${printable(path)}: ${how}`];
  if (sha256 !== undefined) lines.push(`SHA-256 ${sha256}`);
  if (contentId !== undefined) lines.push(`Content id ${contentId}`);
  if (removed.length > 0) {
    const others = removed.length > 3 ? ', …' : '';
    const some = removed.slice(0, 3).map((one) => shown(one));
    const things = removed.length === 1 ? '1 thing' : `${removed.length} things`;
    lines.push(`Removed with the old folder, not of the new one: ${things} (${some.join(', ')}${others})`);
  }
  return lines;
}

function describeSources(result: GetResult, reuse: readonly string[]): string {
  const { wasThere, size, downloaded, reused, repaired, sources, seconds } = result;
  if (wasThere) return 'it was there already';
  const parts: string[] = [];
  if (repaired !== undefined) parts.push(`${repaired} of its entries mended`);
  // Without a path that was given, bytes come from the file that was replaced.
  const from =
    reuse.length === 0 ? 'what it replaces' : reuse.length === 1 ? printable(reuse[0]!) : 'this disk';
  if (reused > 0) parts.push(`${formatSize(reused)} from ${from}`);
  if (downloaded > 0) parts.push(`${formatSize(downloaded)} from ${formatCount(sources, 'peer')}`);
  if (parts.length > 0) return `${parts.join(', ')} in ${formatSeconds(seconds)}`;
  return size === 0 ? 'it is empty' : 'an earlier run had downloaded all of it';
}

/** Makes the function that adds the time at which the first wait began. */
function sinceFirstWait(): (progress: GetProgress) => CommandProgress {
  let since: string | undefined;
  return (progress) => {
    const { waited } = progress;
    if (waited === undefined) return progress;
    since ??= `${new Date(Date.now() - waited * 1000).toISOString().slice(0, 'YYYY-MM-DDTHH:MM:SS'.length)}Z`;
    return { ...progress, since };
  };
}
