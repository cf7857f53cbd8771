import { readFile, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { parseMetainfo } from '../src/metainfo/index.ts';
import { equalBytes } from '../src/util/index.ts';
import { libtorrentCommand } from './programs/libtorrent.ts';
import { shoalCommand } from './programs/shoal.ts';
import { compare } from './support/compare.ts';
import { installCompared } from './support/install.ts';
import { versionOf } from './support/machine.ts';
import { type Measured, measure } from './support/measure.ts';
import { readOptions, sizeOf } from './support/options.ts';
import { rounded } from './support/report.ts';
import { CONTENT_NAME, makeContent, PIECE_LENGTH, scratchFolder } from './support/scratch.ts';
import { times } from './support/statistics.ts';

// npm run bench:create: makes a torrent of one large file with each program, in turn.

const options = readOptions({ size: '4G', rounds: '3', folder: '/dev/shm' });
const size = sizeOf(options.size);
const threads = availableParallelism();

async function bench(): Promise<void> {
  await installCompared();
  await using folder = await scratchFolder(options.folder);
  // The content was just written, so it is in the page cache for all of them.
  await makeContent(folder.path, size);
  const content = folder.join(CONTENT_NAME);
  const output = folder.join('made.torrent');

  const ours = [
    'create',
    content,
    '-o',
    output,
    '--force',
    '--piece-length',
    String(PIECE_LENGTH),
    '--quiet',
  ];
  const exponent = String(Math.log2(PIECE_LENGTH));
  const commands: Readonly<Record<string, readonly string[]>> = {
    'shoal --v1': shoalCommand(...ours, '--v1'),
    'shoal --v1 --sha256': shoalCommand(...ours, '--v1', '--sha256'),
    'shoal --no-sha256': shoalCommand(...ours, '--no-sha256'),
    shoal: shoalCommand(...ours),
    mktorrent: [
      'mktorrent',
      '-t',
      String(threads),
      '-l',
      exponent,
      '-a',
      'http://a/announce',
      '-o',
      output,
      content,
    ],
    'libtorrent, v1': libtorrentCommand('create', content, output, String(PIECE_LENGTH)),
  };

  /** The piece hashes of the first torrent; those of all others must be the same. */
  let pieces: Uint8Array | undefined;
  const create = async (command: readonly string[]): Promise<Measured & Record<string, number>> => {
    await rm(output, { force: true });
    const measured = await measure(command, { cwd: folder.path });
    const made = parseMetainfo(await readFile(output)).pieces!;
    pieces ??= made;
    if (!equalBytes(made, pieces))
      throw new Error(`Two programs disagree about the pieces; one is ${command[0]}`);
    return { ...measured };
  };

  const contenders = Object.fromEntries(
    Object.entries(commands).map(([name, command]) => [name, () => create(command)]),
  );
  await compare({
    name: 'create',
    rounds: Number(options.rounds),
    contenders,
    findings: (middle) => {
      const timesMktorrent = (name: string) => times(middle['mktorrent']?.wall, middle[name]?.wall);
      return {
        options: { ...options, threads: String(threads) },
        versions: {
          mktorrent: versionOf('dpkg-query', '-W', 'mktorrent'),
          libtorrent: versionOf(...libtorrentCommand('version')),
        },
        table: Object.entries(middle).map(([name, run]) => ({
          program: name,
          'wall s': run!.wall.toFixed(2),
          'GB/s': (size / 1e9 / run!.wall).toFixed(2),
          'times mktorrent': rounded(timesMktorrent(name)),
          'CPU s/GB': (run!.cpu / (size / 1e9)).toFixed(2),
          'peak RSS MB': Math.round(run!.peakRss / 1e6),
        })),
        goals: [
          { what: 'create --v1: times mktorrent', measured: timesMktorrent('shoal --v1'), atLeast: 1.3 },
          { what: 'create: times mktorrent', measured: timesMktorrent('shoal'), atLeast: 0.6 },
        ],
      };
    },
  });
}

await bench();
