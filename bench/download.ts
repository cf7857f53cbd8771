import { mkdir, rm } from 'node:fs/promises';
import { Disposables, sha256Of, spawnProcess, type TempFolder } from '../test/support/index.ts';
import type { Client, Peer, RunningSeeder } from './programs/client.ts';
import { libtorrent, libtorrentCommand } from './programs/libtorrent.ts';
import { aria2, webTorrent } from './programs/others.ts';
import { shoal } from './programs/shoal.ts';
import { buildFloor, FLOOR, installCompared, NEW_NODE } from './support/install.ts';
import { versionOf } from './support/machine.ts';
import { cpuSoFar, type Measured, measure, peakRssSoFar } from './support/measure.ts';
import { listOf, readOptions, sizeOf } from './support/options.ts';
import { type Goal, openReport, rounded } from './support/report.ts';
import { CONTENT_NAME, makeContent, makeTorrent, PIECE_LENGTH, scratchFolder } from './support/scratch.ts';
import { startStaticTracker } from './support/static-tracker.ts';
import { inTurn, medians } from './support/statistics.ts';

// npm run bench:download: one seeder to one client over loopback, whole processes, in turn.

const CLIENTS: Readonly<Record<string, Client>> = { shoal, libtorrent, aria2, webtorrent: webTorrent };
const SEEDERS: Readonly<Record<string, Peer>> = { shoal, libtorrent };
const FLOOR_NAME = 'floor';

const options = readOptions({
  size: '1G',
  rounds: '3',
  /** Of the file in bench/results. */
  name: 'download',
  /** By default no disk decides. */
  folder: '/dev/shm',
  /** `SEEDER-CLIENT`, and `floor`. */
  runs: 'floor,shoal-shoal,shoal-libtorrent,shoal-aria2,shoal-webtorrent,libtorrent-shoal,libtorrent-libtorrent',
});
const size = sizeOf(options.size);

/** One download: seconds, bytes, and processor seconds of both ends. */
interface Download extends Measured, Record<string, number> {
  readonly seederCpu: number;
  /** Of the seeder, at most so far. */
  readonly seederPeakRss: number;
}

interface Seeder {
  readonly pid: number;
  readonly torrentFile: string;
}

async function bench(): Promise<void> {
  const wanted = listOf(options.runs);
  await installCompared();
  const missing = wanted.includes(FLOOR_NAME) ? await buildFloor() : undefined;
  await using owned = new Disposables();
  const folder = owned.use(await scratchFolder(options.folder));
  await mkdir(folder.join('source'));
  const sha256 = await makeContent(folder.join('source'), size);
  const seeders = await startSeeders(folder, owned);

  const report = openReport(options.name);
  const contenders: Record<string, () => Promise<Download>> = {};
  for (const name of wanted) {
    if (name === FLOOR_NAME) {
      if (missing !== undefined) continue;
      const floor = owned.use(await spawnProcess(FLOOR, ['seed', folder.join('source', CONTENT_NAME)]));
      const [port] = await floor.waitForLine(/^\d+$/);
      const command = (target: string) => [FLOOR, 'get', port, String(size), `${target}/${CONTENT_NAME}`];
      contenders[name] = () => download(folder, floor.pid, command, sha256);
    } else {
      const [seederName, clientName] = name.split('-');
      const { pid, torrentFile } = seeders[seederName!]!;
      const client = CLIENTS[clientName!]!;
      contenders[name] = () =>
        download(folder, pid, (target) => client.getCommand(torrentFile, target), sha256);
    }
  }
  const runs = await inTurn(Number(options.rounds), contenders);
  const middle = Object.fromEntries(Object.entries(runs).map(([name, of]) => [name, medians(of)]));
  await report.write({
    options,
    versions: {
      libtorrent: versionOf(...libtorrentCommand('version')),
      aria2: versionOf('aria2c', '--version'),
      webtorrent: `3.0.21 on Node ${versionOf(NEW_NODE, '--version')}`,
    },
    table: Object.entries(middle).map(([name, of]) => tableRow(name, of, middle[FLOOR_NAME])),
    goals: goalsOf(middle),
    leftOut: missing === undefined ? [] : [missing],
    runs,
  });
}

/** Both seeders of the same file, each in a swarm of its own: they never meet. */
async function startSeeders(folder: TempFolder, owned: Disposables): Promise<Record<string, Seeder>> {
  const tracker = owned.use(await startStaticTracker());
  const started: Record<string, Seeder> = {};
  for (const [name, peer] of Object.entries(SEEDERS)) {
    const torrentFile = folder.join(`${name}.torrent`);
    await makeTorrent(folder.join('source'), torrentFile, tracker.announceUrl(name), PIECE_LENGTH);
    const seeder: RunningSeeder = owned.use(
      await peer.startSeeder({ torrentFile, folder: folder.join('source'), host: '127.0.0.1' }),
    );
    tracker.setPort(name, seeder.port);
    started[name] = { pid: seeder.process.pid, torrentFile };
  }
  return started;
}

/** Downloads once, checks the file, and removes it. */
async function download(
  folder: TempFolder,
  seederPid: number,
  command: (target: string) => readonly string[],
  sha256: string,
): Promise<Download> {
  const target = folder.join('target');
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

/** Those whose runs were both made. */
function goalsOf(runs: Readonly<Record<string, Download>>): Goal[] {
  const goals: Goal[] = [];
  const ours = runs['shoal-shoal'];
  /** How many times as fast `name` is as `other`. */
  const speed = (what: string, name: string, other: string, atLeast: number) => {
    const [run, than] = [runs[name], runs[other]];
    if (run && than) goals.push({ what, measured: than.wall / run.wall, atLeast });
  };
  speed('client: times libtorrent', 'shoal-shoal', 'shoal-libtorrent', 2);
  speed('client: times aria2', 'shoal-shoal', 'shoal-aria2', 4);
  speed('client: times WebTorrent', 'shoal-shoal', 'shoal-webtorrent', 5);
  speed('client: of the floor', 'shoal-shoal', FLOOR_NAME, 0.65);
  speed(
    "client, from libtorrent's seeder: times libtorrent",
    'libtorrent-shoal',
    'libtorrent-libtorrent',
    1.3,
  );
  speed('seeder: times libtorrent, to its client', 'shoal-libtorrent', 'libtorrent-libtorrent', 1);
  const theirs = runs['shoal-libtorrent'];
  if (ours && theirs)
    goals.push({ what: "client's CPU: times libtorrent's", measured: ours.cpu / theirs.cpu, atMost: 1 });
  if (ours) goals.push({ what: "client's peak RSS in MB", measured: ours.peakRss / 1e6, atMost: 150 });
  return goals;
}

await bench();
