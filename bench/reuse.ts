import { choosePieceLength } from '../src/metainfo/index.ts';
import { makeFirstFolder, makeNextFolder } from './support/changing-folder.ts';
import { handOut } from './support/hand-out.ts';
import { installRsync } from './support/install.ts';
import { versionOf } from './support/machine.ts';
import { listOf, readOptions } from './support/options.ts';
import { type Findings, openReport, rounded } from './support/report.ts';
import { folderSize, makeLater, scratchFolder } from './support/scratch.ts';
import { inTurn, medians, type TurnsTaken, times } from './support/statistics.ts';

// npm run bench:reuse: a machine has a folder of 1 GiB, and gets the next version, of which 3 % have changed.

const options = readOptions({
  /** Megabit a second, in each direction. */
  rate: '1000',
  rounds: '3',
  folder: '/dev/shm',
  contenders: 'shoal,shoal-hybrid,rsync',
});

/** The figures of getting the next version. */
interface Renewed extends Record<string, number> {
  readonly seconds: number;
  /** The bytes that came to the machine, with headers, as a share of the folder. */
  readonly received: number;
  /** The seconds of processor of the build host and the machine. */
  readonly cpu: number;
}

async function bench(): Promise<void> {
  const leftOut = installRsync();
  const report = openReport('reuse');
  await using scratch = await scratchFolder(options.folder);
  const versions = [scratch.join('first'), scratch.join('next')];
  await makeFirstFolder(versions[0]!);
  const { written, files } = await makeNextFolder(versions[0]!, versions[1]!);
  await makeLater(versions[1]!);
  const size = await folderSize(versions[1]!);
  console.log(`${written} of ${size} bytes are new (${((100 * written) / size).toFixed(2)} %)`);
  const renew = async (program: string): Promise<Renewed> => {
    const more = { machines: 1, megabitsPerSecond: Number(options.rate) };
    const [, next] = await handOut({ program, scratch, versions, ...more });
    const { seconds, received, cpu } = next!;
    return { seconds, received: received / size, cpu };
  };
  const findingsOf = ({ runs, failures }: TurnsTaken<Renewed>): Findings => ({
    options: { ...options, size: String(size), written: String(written), files: String(files) },
    versions: { rsync: versionOf('rsync', '--version') },
    ...summaryOf(runs, 0.05 + (files * choosePieceLength([size], 'v1')) / size),
    leftOut: [...leftOut, ...failures],
    runs,
  });
  const contenders = listOf(options.contenders).map((program) => [program, () => renew(program)] as const);
  const found = await inTurn(Number(options.rounds), Object.fromEntries(contenders), (soFar) =>
    report.save(findingsOf(soFar)),
  );
  await report.write(findingsOf(found));
}

/** @param most the largest share of the folder that may come: 5 %, and a piece for each changed file */
function summaryOf(runs: TurnsTaken<Renewed>['runs'], most: number): Pick<Findings, 'table' | 'goals'> {
  const middles = new Map(Object.entries(runs).map(([name, made]) => [name, medians(made)]));
  const shoal = middles.get('shoal');
  return {
    table: [...middles].map(([program, { seconds, received, cpu }]) => ({
      program,
      seconds: seconds.toFixed(1),
      'received %': (100 * received).toFixed(2),
      'cpu s': cpu.toFixed(1),
    })),
    goals: [
      {
        what: 'received, in sizes of the folder',
        measured: rounded(shoal?.received ?? Number.NaN),
        atMost: most,
      },
      {
        what: "rsync's time over Shoal's",
        measured: times(middles.get('rsync')?.seconds, shoal?.seconds),
        atLeast: 1,
      },
    ],
  };
}

await bench();
