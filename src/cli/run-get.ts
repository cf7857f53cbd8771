import { type GetOptions, type GetResult, get } from '../client/index.ts';
import type { SettingKey } from '../config/index.ts';
import { UsageError } from './errors.ts';
import { formatCount, formatSeconds, formatSize, printable } from './format.ts';
import { readTorrentFile } from './read-torrent-file.ts';
import type { CommandContext } from './run-command.ts';
import { readTarget } from './target.ts';

/** @param target as {@link readTarget} takes it; absent: what the settings say */
export async function runGet(context: CommandContext, target: string | undefined): Promise<void> {
  const { settings, output, progress, onWarning } = context;
  const wanted = target === undefined ? wantedBySettings(context) : await wantedByTarget(context, target);
  const result = await withDeadline(context.signal, settings['client.timeout'], (signal) =>
    get({
      ...wanted,
      port: settings['client.port'],
      limits: { up: settings['limit.up'], down: settings['limit.down'] },
      preallocation: settings['client.preallocation'],
      trackerPatienceMs: settings['client.trackerPatience'],
      signal,
      onProgress: (moved) => progress.update(moved),
      onWarning,
    }),
  );
  progress.stop();
  output.tell('done', result, ...describeResult(result));
}

type Wanted = Pick<GetOptions, 'tracker' | 'torrent' | 'name' | 'size' | 'sha256' | 'output'>;

function wantedBySettings({ settings }: CommandContext): Wanted {
  return {
    tracker: settings['tracker.url'],
    name: settings['client.fileName'],
    size: settings['client.fileSize'],
    sha256: settings['client.fileHash'],
    output: settings['client.outputFileName'],
  };
}

/** What is wanted by a TARGET: of the settings, that describe another file, only those that were given as flags. */
async function wantedByTarget({ settings, origins }: CommandContext, text: string): Promise<Wanted> {
  const isGiven = (key: SettingKey) => origins[key].kind === 'flag';
  const flags = {
    ...(isGiven('client.fileName') && { name: settings['client.fileName'] }),
    ...(isGiven('client.fileSize') && { size: settings['client.fileSize'] }),
    ...(isGiven('client.fileHash') && { sha256: settings['client.fileHash'] }),
    ...(isGiven('client.outputFileName') && { output: settings['client.outputFileName'] }),
  };
  const tracker = settings['tracker.url'];
  const target = await readTarget(text);
  switch (target.kind) {
    case 'torrent': {
      const torrent = await readTorrentFile(target.path);
      // It has trackers of its own.
      return { ...flags, torrent, ...(isGiven('tracker.url') && { tracker }) };
    }
    case 'sha256':
      if (flags.sha256 !== undefined) throw new UsageError('Give the SHA-256 once: as TARGET or as --sha256');
      return { ...flags, tracker, sha256: target.sha256 };
    case 'name':
      if (flags.name !== undefined) throw new UsageError('Give the name once: as TARGET or as --name');
      return { ...flags, tracker, name: target.name };
  }
}

/** Does `work` with a signal that aborts as `signal` does, and after `timeoutMs` with a `TimeoutError`. */
async function withDeadline<T>(
  signal: AbortSignal,
  timeoutMs: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const deadline = new AbortController();
  // Not AbortSignal.timeout(): Node 20 may collect it as garbage while only AbortSignal.any() looks at it.
  const timer = setTimeout(
    () => deadline.abort(new DOMException(`${timeoutMs} ms have passed`, 'TimeoutError')),
    timeoutMs,
  );
  try {
    return await work(AbortSignal.any([signal, deadline.signal]));
  } finally {
    clearTimeout(timer);
  }
}

function describeResult({ path, name, size, sha256, downloaded, sources, seconds }: GetResult): string[] {
  const how =
    downloaded === 0
      ? 'it was there already'
      : `${formatSize(downloaded)} from ${formatCount(sources, 'peer')} in ${formatSeconds(seconds)}`;
  const lines = [`Got ${printable(name)} (${size} bytes) as ${path}: ${how}`];
  if (sha256 !== undefined) lines.push(`SHA-256 ${sha256}`);
  return lines;
}
