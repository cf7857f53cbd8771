import { execFileSync } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deadline, repositoryRoot, spawnProcess } from '../test/support/index.ts';
import { shoalCommand, startTracker } from './programs/shoal.ts';
import { compare } from './support/compare.ts';
import { cpuSoFar, type Measured, measure, PATIENCE_MS, peakRssSoFar } from './support/measure.ts';
import { readOptions } from './support/options.ts';
import { rounded } from './support/report.ts';
import { scratchFolder } from './support/scratch.ts';
import { times } from './support/statistics.ts';

// npm run bench:start: the start of a seeder with many files, and the content id of a folder of very many.

const options = readOptions({ files: '10000', small: '100000', rounds: '3', folder: '/dev/shm' });
/** The bytes of a seeded file, and of one of the folder whose id is computed. */
const FILE_BYTES = 20_000;
const SMALL_BYTES = 500;
const FILES_IN_FOLDER = 1000;

/** Writes files of bytes that look random enough: no two are equal. */
async function makeFiles(folder: string, count: number, bytes: number): Promise<void> {
  for (let at = 0; at < count; at += 1) {
    const inside = join(folder, `folder-${Math.floor(at / FILES_IN_FOLDER)}`);
    if (at % FILES_IN_FOLDER === 0) await mkdir(inside, { recursive: true });
    await writeFile(join(inside, `file-${at}`), `${at} `.repeat(bytes).slice(0, bytes));
  }
}

/** Gets the script of the page that computes a content id. */
async function contentIdScript(): Promise<string> {
  const page = await readFile(join(repositoryRoot, 'docs/content-id.md'), 'utf8');
  const script = /```sh\n(cd "\$1".*?)```/s.exec(page)?.[1];
  if (script === undefined) throw new Error('Cannot find the script in docs/content-id.md');
  return script;
}

/** Starts a seeder, and ends it when its tracker knows all torrents. */
async function start(trackerUrl: string, folder: string, args: readonly string[]): Promise<Measured> {
  const begin = performance.now();
  const [command, ...rest] = shoalCommand(
    ...['seed', folder, '--tracker', trackerUrl, '--port', '0', '--bind', '127.0.0.1', '--json'],
    ...args,
  );
  await using seeder = await spawnProcess(command, rest, {});
  await seeder.waitForLine(/^\{"event":"registered"/, deadline(PATIENCE_MS));
  const wall = (performance.now() - begin) / 1000;
  return { wall, cpu: await cpuSoFar(seeder.pid), peakRss: await peakRssSoFar(seeder.pid) };
}

async function bench(): Promise<void> {
  await using scratch = await scratchFolder(options.folder);
  const [files, small, cache] = [scratch.join('files'), scratch.join('small'), scratch.join('cache')];
  await makeFiles(files, Number(options.files), FILE_BYTES);
  await makeFiles(small, Number(options.small), SMALL_BYTES);
  await using tracker = await startTracker('127.0.0.1', []);
  const trackerUrl = tracker.announceUrl.replace('/announce', '');
  const script = await contentIdScript();
  const cold = async (...args: string[]) => {
    await rm(cache, { recursive: true, force: true });
    return start(trackerUrl, files, ['--cache-dir', cache, ...args]);
  };
  const warm = (...args: string[]) => start(trackerUrl, files, ['--cache-dir', cache, ...args]);
  const ids = [
    execFileSync('sh', ['-c', script, 'sh', small], { encoding: 'utf8' }).slice(0, 64),
    execFileSync(process.execPath, shoalCommand('id', small, '--quiet').slice(1), { encoding: 'utf8' }).slice(
      0,
      64,
    ),
  ];
  if (ids[0] !== ids[1]) throw new Error(`The script says ${ids[0]}, and shoal says ${ids[1]}`);
  const contenders = {
    'seed, cold': () => cold(),
    'seed, warm': () => warm(),
    'seed --watch, warm': () => warm('--watch'),
    'seed --as-one, cold': () => cold('--as-one'),
    'seed --as-one, warm': () => warm('--as-one'),
    'script of docs/content-id.md': () => measure(['sh', '-c', script, 'sh', small]),
    'shoal id': () => measure(shoalCommand('id', small, '--quiet')),
  };
  await compare<Measured & Record<string, number>>({
    name: 'start',
    rounds: Number(options.rounds),
    contenders: Object.fromEntries(
      Object.entries(contenders).map(([name, run]) => [name, async () => ({ ...(await run()) })]),
    ),
    findings: (middle) => ({
      options,
      versions: { node: process.version },
      table: Object.entries(middle).map(([program, of]) => ({
        program,
        'wall s': rounded(of!['wall']!),
        'CPU s': rounded(of!['cpu']!),
        'peak RSS MB': rounded(of!['peakRss']! / 1e6),
      })),
      goals: [
        {
          what: 'seconds until all are registered, warm',
          measured: middle['seed, warm']?.['wall'] ?? Number.NaN,
          atMost: 4,
        },
        {
          what: 'shoal id: times the script',
          measured: times(middle['shoal id']?.['wall'], middle['script of docs/content-id.md']?.['wall']),
          atMost: 1,
        },
      ],
    }),
  });
}

await bench();
