import { mkdir, rm } from 'node:fs/promises';
import { Disposables, sha256Of, spawnProcess, type TempFolder } from '../test/support/index.ts';
import type { Client, Peer, RunningSeeder } from './programs/client.ts';
import { libtorrent, libtorrentCommand } from './programs/libtorrent.ts';
import { aria2, webTorrent } from './programs/others.ts';
import { shoal } from './programs/shoal.ts';
import { compare } from './support/compare.ts';
import { buildFloor, FLOOR, installCompared, NEW_NODE } from './support/install.ts';
import { versionOf } from './support/machine.ts';
import { cpuSoFar, type Measured, measure, peakRssSoFar } from './support/measure.ts';
import { listOf, readOptions, sizeOf } from './support/options.ts';
import { type Goal, rounded } from './support/report.ts';
import { CONTENT_NAME, makeContent, makeTorrent, PIECE_LENGTH, scratchFolder } from './support/scratch.ts';
import { type StaticTracker, startStaticTracker } from './support/static-tracker.ts';
import { times } from './support/statistics.ts';

// npm run bench:download: one seeder to one client over loopback, whole processes, in turn.

const CLIENTS: Readonly<Record<string, Client>> = { shoal, libtorrent, aria2, webtorrent: webTorrent };
const SEEDERS: Readonly<Record<string, Peer>> = { shoal, libtorrent };
const FLOOR_NAME = 'floor';

const options = readOptions({
  size: '1G',
  rounds: '3',
  /** The name of the file in bench/results. */
  name: 'download',
  /** The folder of source and copies: on a tmpfs no disk decides. */
  folder: '/dev/shm',
  /** `SEEDER-CLIENT`, and `floor`. */
  runs: 'floor,shoal-shoal,shoal-libtorrent,shoal-aria2,shoal-webtorrent,libtorrent-shoal,libtorrent-libtorrent',
});
const size = sizeOf(options.size);

/** A download: seconds, bytes, and processor seconds of both ends. */
interface Download extends Measured, Record<string, number> {
  readonly seederCpu: number;
  /** The most memory of the seeder so far. */
  readonly seederPeakRss: number;
}

interface Seeder {
  readonly pid: number;
  readonly torrentFile: string;
}

async function bench(): Promise<void> {
  const wanted = listOf(options.runs);
  const leftOut = await installCompared();
  const canRun = leftOut.length === 0 ? wanted : wanted.filter((name) => !name.endsWith('-webtorrent'));
  await using owned = new Disposables();
  const folder = owned.use(await scratchFolder(options.folder));
  await mkdir(folder.join('source'));
  const sha256 = await makeContent(folder.join('source'), size);
  const startSeeder = seedersOf(folder, owned, owned.use(await startStaticTracker()));
  const startFloor = once(async () => {
    const missing = await buildFloor();
    if (missing !== undefined) throw new Error(`Cannot run without ${missing}`);
    const floor = owned.use(await spawnProcess(FLOOR, ['seed', folder.join('source', CONTENT_NAME)]));
    const [port] = await floor.waitForLine(/^\d+$/);
    return { pid: floor.pid, port };
  });
  const runOf = (name: string) => async (): Promise<Download> => {
    if (name === FLOOR_NAME) {
      const { pid, port } = await startFloor();
      const command = (target: string) => [FLOOR, 'get', port, String(size), `${target}/${CONTENT_NAME}`];
      return await download(folder, pid, command, sha256);
    }
    const [seederName, clientName] = name.split('-');
    const { pid, torrentFile } = await startSeeder(seederName!);
    const client = CLIENTS[clientName!];
    if (client === undefined) throw new TypeError(`Expected a client, found ${clientName} in ${name}`);
    return await download(folder, pid, (target) => client.getCommand(torrentFile, target), sha256);
  };
  await compare({
    name: options.name,
    rounds: Number(options.rounds),
    contenders: Object.fromEntries(canRun.map((name) => [name, runOf(name)])),
    leftOut,
    findings: (middle) => ({
      options,
      versions: {
        libtorrent: versionOf(...libtorrentCommand('version')),
        aria2: versionOf('aria2c', '--version'),
        webtorrent: `3.0.21 on Node ${versionOf(NEW_NODE, '--version')}`,
      },
      table: Object.entries(middle).map(([name, of]) => tableRow(name, of!, middle[FLOOR_NAME])),
      goals: goalsOf(middle),
    }),
  });
}

/** Starts each seeder when it is first needed. They are in swarms of their own and never meet. */
function seedersOf(folder: TempFolder, owned: Disposables, tracker: StaticTracker) {
  const start = async (name: string): Promise<Seeder> => {
    const peer = SEEDERS[name];
    if (peer === undefined) throw new TypeError(`Expected a seeder, found ${name}`);
    const torrentFile = folder.join(`${name}.torrent`);
    await makeTorrent(folder.join('source'), torrentFile, tracker.announceUrl(name), PIECE_LENGTH);
    const seeder: RunningSeeder = owned.use(
      await peer.startSeeder({ torrentFile, folder: folder.join('source'), host: '127.0.0.1' }),
    );
    tracker.setPort(name, seeder.port);
    return { pid: seeder.process.pid, torrentFile };
  };
  const starts = new Map<string, () => Promise<Seeder>>();
  return (name: string): Promise<Seeder> => {
    const known = starts.get(name) ?? once(() => start(name));
    starts.set(name, known);
    return known();
  };
}

/** Does the work when it is first called, and gives its result each time. */
function once<T>(work: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => (result ??= work());
}

/** Downloads once, checks the file, and removes it. */
async function download(
  folder: TempFolder,
  seederPid: number,
  command: (target: string) => readonly string[],
  sha256: string,
): Promise<Download> {
  const target = folder.join('target');
  // A run that failed has left its files.
  await rm(target, { recursive: true, force: true });
  await mkdir(target);
  const before = await cpuSoFar(seederPid);
  const measured = await measure(command(target), { cwd: target });
  const seederCpu = (await cpuSoFar(seederPid)) - before;
  const found = await sha256Of(`${target}/${CONTENT_NAME}`);
  if (found !== sha256) throw new Error(`Downloaded something else: SHA-256 ${found}, not ${sha256}`);
  await rm(target, { recursive: true });
  return { ...measured, seederCpu, seederPeakRss: await peakRssSoFar(seederPid) };
}

function tableRow(name: string, run: Download, floor: Download | undefined) {
  const gigabytes = size / 1e9;
  const [seeder, client = ''] = name.split('-');
  return {
    seeder: seeder!,
    client,
    'wall s': run.wall.toFixed(2),
    'MB/s': Math.round(size / 1e6 / run.wall),
    'of the floor': floor === undefined ? '' : rounded(floor.wall / run.wall),
    'CPU s/GB': (run.cpu / gigabytes).toFixed(2),
    'peak RSS MB': Math.round(run.peakRss / 1e6),
    'seeder CPU s/GB': (run.seederCpu / gigabytes).toFixed(2),
    'seeder RSS MB': Math.round(run.seederPeakRss / 1e6),
  };
}

function goalsOf(runs: Readonly<Partial<Record<string, Download>>>): Goal[] {
  const ours = runs['shoal-shoal'];
  /** Tells how many times as fast `name` is as `other`. */
  const speed = (what: string, name: string, other: string, atLeast: number) => ({
    what,
    measured: times(runs[other]?.wall, runs[name]?.wall),
    atLeast,
  });
  return [
    speed('client: times libtorrent', 'shoal-shoal', 'shoal-libtorrent', 2),
    speed('client: times aria2', 'shoal-shoal', 'shoal-aria2', 4),
    speed('client: times WebTorrent', 'shoal-shoal', 'shoal-webtorrent', 5),
    speed('client: of the floor', 'shoal-shoal', FLOOR_NAME, 0.65),
    speed(
      "client, from libtorrent's seeder: times libtorrent",
      'libtorrent-shoal',
      'libtorrent-libtorrent',
      1.3,
    ),
    speed('seeder: times libtorrent, to its client', 'shoal-libtorrent', 'libtorrent-libtorrent', 1),
    {
      what: "client's CPU: times libtorrent's",
      measured: times(ours?.cpu, runs['shoal-libtorrent']?.cpu),
      atMost: 1,
    },
    { what: "client's peak RSS in MB", measured: times(ours?.peakRss, 1e6), atMost: 150 },
  ];
}

await bench();
