import { mkdir, rm } from 'node:fs/promises';
import { Disposables, deadline, sha256Of, type TempFolder } from '../test/support/index.ts';
import type { Peer } from './programs/client.ts';
import { libtorrent, libtorrentCommand } from './programs/libtorrent.ts';
import { shoal, startTracker } from './programs/shoal.ts';
import { buildCable, installCompared } from './support/install.ts';
import { versionOf } from './support/machine.ts';
import { PATIENCE_MS, startMeasured } from './support/measure.ts';
import { listOf, readOptions, sizeOf } from './support/options.ts';
import { type Findings, type Goal, openReport, rounded } from './support/report.ts';
import { CONTENT_NAME, makeContent, makeTorrent, scratchFolder } from './support/scratch.ts';
import { inTurn, median, medians, type TurnsTaken } from './support/statistics.ts';
import { type Host, type SwarmNetwork, swarmNetwork } from './support/swarm-network.ts';

// npm run bench:swarm: one seeder, many leechers that start together, each on a slow line of its own.

/** A program that takes all places of a swarm. */
interface Contender {
  readonly peer: Peer;
  /** The arguments at the end of its command. */
  readonly more?: readonly string[];
  /** The line by which a leecher that does not leave says that it has all. */
  readonly finishedLine?: RegExp;
}

const CONTENDERS: Readonly<Record<string, Contender>> = {
  // Leechers end when they have all, and give no more then.
  shoal: { peer: shoal },
  libtorrent: { peer: libtorrent },
  // Leechers go on as seeders.
  'libtorrent-stays': { peer: libtorrent, more: ['stay'], finishedLine: /^finished$/ },
};

const options = readOptions({
  sizes: '64M,256M',
  /** Milliseconds. */
  delays: '0,20',
  leechers: '8',
  /** Megabit a second, in each direction. */
  rate: '100',
  rounds: '1',
  folder: '/dev/shm',
  contenders: Object.keys(CONTENDERS).join(','),
});
const bytesPerSecond = (Number(options.rate) * 1e6) / 8;

/** A file that spread, in floors: the time one leecher would take that has the seeder's line for itself. */
interface Spread extends Record<string, number> {
  readonly last: number;
  readonly median: number;
  readonly first: number;
  /** The number of copies of the file that the seeder says it has sent. */
  readonly copies: number;
  /** The bytes that left the seeder's host, in sizes of the file. */
  readonly copiesOnTheLine: number;
  /** Seconds, the last leecher's. */
  readonly seconds: number;
}

/** The things that are the same for all contenders. */
interface Stage {
  readonly folder: TempFolder;
  readonly size: number;
  readonly sha256: string;
  readonly delayMs: number;
}

async function bench(): Promise<void> {
  await installCompared();
  const report = openReport('swarm');
  const names = listOf(options.contenders);
  const wanted = listOf(options.delays).map(Number);
  const missing = wanted.some((delay) => delay > 0) ? await buildCable() : undefined;
  const delays = wanted.filter((delay) => delay === 0 || missing === undefined);
  const leftOut = missing === undefined ? [] : [missing];
  const places = listOf(options.sizes).flatMap((size) => delays.map((delayMs) => ({ size, delayMs })));
  let before: TurnsTaken<Spread> = { runs: {}, failures: [] };
  const findingsOf = (now: TurnsTaken<Spread>): Findings => {
    const runs = { ...before.runs, ...now.runs };
    return {
      options,
      versions: { libtorrent: versionOf(...libtorrentCommand('version')) },
      ...summaryOf(runs, places, names),
      leftOut: [...leftOut, ...before.failures, ...now.failures],
      runs,
    };
  };
  for (const { size, delayMs } of places) {
    await using folder = await scratchFolder(options.folder);
    await mkdir(folder.join('source'));
    const sha256 = await makeContent(folder.join('source'), sizeOf(size));
    const stage: Stage = { folder, size: sizeOf(size), sha256, delayMs };
    const contenders = names.map(
      (name) => [labelOf(size, delayMs, name), () => spread(CONTENDERS[name]!, stage)] as const,
    );
    const found = await inTurn(Number(options.rounds), Object.fromEntries(contenders), (soFar) =>
      report.save(findingsOf(soFar)),
    );
    before = {
      runs: { ...before.runs, ...found.runs },
      failures: [...before.failures, ...found.failures],
    };
  }
  await report.write(findingsOf({ runs: {}, failures: [] }));
}

function labelOf(size: string, delayMs: number, name: string): string {
  return `${size}, ${delayMs} ms, ${name}`;
}

/** Makes the findings out of the medians of the runs that were made. */
function summaryOf(
  runs: TurnsTaken<Spread>['runs'],
  places: readonly { readonly size: string; readonly delayMs: number }[],
  names: readonly string[],
): Pick<Findings, 'table' | 'goals'> {
  const table = [];
  const goals: Goal[] = [];
  for (const { size, delayMs } of places) {
    for (const name of names) {
      const made = runs[labelOf(size, delayMs, name)];
      if (made === undefined) continue;
      const middle = medians(made);
      table.push({ size, 'delay ms': delayMs, program: name, ...rowOf(middle) });
      if (name !== 'shoal') continue;
      const where = `${size}, ${delayMs} ms`;
      goals.push({
        what: `${where}: last of the leechers, in floors`,
        measured: middle.last,
        atMost: 1.4,
      });
      goals.push({ what: `${where}: copies sent`, measured: middle.copies, atMost: 1.6 });
    }
  }
  return { table, goals };
}

function rowOf({ first, median, last, copies, copiesOnTheLine, seconds }: Spread) {
  return {
    'last s': seconds.toFixed(1),
    first: rounded(first),
    median: rounded(median),
    last: rounded(last),
    'copies sent': rounded(copies),
    'on the line': rounded(copiesOnTheLine),
  };
}

/** Spreads the file once, and checks every copy. */
async function spread(contender: Contender, stage: Stage): Promise<Spread> {
  const leecherCount = Number(options.leechers);
  await using network = await swarmNetwork({
    hosts: leecherCount + 1,
    megabitsPerSecond: Number(options.rate),
    delayMs: stage.delayMs,
  });
  return await spreadOver(network, contender, stage);
}

async function spreadOver({ hub, hosts }: SwarmNetwork, contender: Contender, stage: Stage): Promise<Spread> {
  const { folder, size } = stage;
  await using owned = new Disposables();
  const tracker = owned.use(await startTracker(hub.address, hub.prefix));
  const torrentFile = folder.join('swarm.torrent');
  await rm(torrentFile, { force: true });
  await makeTorrent(folder.join('source'), torrentFile, tracker.announceUrl);
  const [seederHost, ...leecherHosts] = hosts as [Host, ...Host[]];
  const seeder = owned.use(
    await contender.peer.startSeeder({
      torrentFile,
      folder: folder.join('source'),
      host: seederHost.address,
      prefix: seederHost.prefix,
    }),
  );
  const startedAt = performance.now();
  const seconds = await Promise.all(
    leecherHosts.map(async (host, number) => {
      await leech(host, contender, torrentFile, folder.join(`leecher-${number}`), owned);
      return (performance.now() - startedAt) / 1000;
    }),
  );
  const sent = await seederHost.bytesSent();
  const uploaded = await seeder.stop();
  for (const number of leecherHosts.keys()) {
    const target = folder.join(`leecher-${number}`);
    if ((await sha256Of(`${target}/${CONTENT_NAME}`)) !== stage.sha256)
      throw new Error(`Leecher ${number} has something else`);
    await rm(target, { recursive: true });
  }
  const floor = size / bytesPerSecond;
  return {
    first: Math.min(...seconds) / floor,
    median: median(seconds) / floor,
    last: Math.max(...seconds) / floor,
    copies: uploaded / size,
    copiesOnTheLine: sent / size,
    seconds: Math.max(...seconds),
  };
}

/** Starts a leecher, and waits until it has all. */
async function leech(
  { prefix }: Host,
  { peer, more = [], finishedLine }: Contender,
  torrentFile: string,
  target: string,
  owned: Disposables,
): Promise<void> {
  // A run that failed has left its files.
  await rm(target, { recursive: true, force: true });
  await mkdir(target);
  const command = [...peer.getCommand(torrentFile, target), ...more];
  const running = owned.use(await startMeasured(command, { prefix, cwd: target }));
  if (finishedLine === undefined) await running.ended();
  else await running.process.waitForLine(finishedLine, deadline(PATIENCE_MS));
}

await bench();
