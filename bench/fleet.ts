import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { repositoryRoot } from '../test/support/index.ts';
import { FOLDER_OFFERS } from './programs/folder-offers.ts';
import { type HandedOut, handOut } from './support/hand-out.ts';
import { installCompared, installRsync } from './support/install.ts';
import { versionOf } from './support/machine.ts';
import { listOf, readOptions, sizeOf } from './support/options.ts';
import { type Findings, openReport, rounded } from './support/report.ts';
import { folderSize, makeLater, scratchFolder } from './support/scratch.ts';
import { inTurn, medians, type TurnsTaken, times } from './support/statistics.ts';

// npm run bench:fleet: a build host hands a folder to many machines, and then its next version. Each host has a slow line of
// its own, so that the lines are the limit and not the processors of the one machine on which all of them run.

const options = readOptions({
  size: '64M',
  machines: '20',
  /** Megabit a second, in each direction. */
  rate: '100',
  rounds: '1',
  folder: '/dev/shm',
  contenders: 'shoal,rsync,aria2',
});

const VERSIONS = ['first', 'next'] as const;

/** The way in which the example of a fleet makes its folders. */
interface BuildMaker {
  readonly makeFirstVersion: (folder: string, size: number) => Promise<void>;
  readonly makeNextVersion: (first: string, folder: string) => Promise<void>;
}

async function bench(): Promise<void> {
  const leftOut = [...(await installCompared()), ...installRsync()];
  const report = openReport('fleet');
  const names = listOf(options.contenders).filter((name) => name in FOLDER_OFFERS);
  await using scratch = await scratchFolder(options.folder);
  const { makeFirstVersion, makeNextVersion } = (await import(
    pathToFileURL(join(repositoryRoot, 'examples/fleet/build.mjs')).href
  )) as BuildMaker;
  const versions = VERSIONS.map((version) => scratch.join(version));
  await makeFirstVersion(versions[0]!, sizeOf(options.size));
  await makeNextVersion(versions[0]!, versions[1]!);
  await makeLater(versions[1]!);
  const sizes = await Promise.all(versions.map(folderSize));
  const where = { machines: Number(options.machines), megabitsPerSecond: Number(options.rate) };
  const handOutBy = async (program: string): Promise<Record<string, number>> => {
    const found = await handOut({ program, scratch, versions, ...where });
    return Object.fromEntries(found.flatMap((one, version) => fieldsOf(one, version, sizes[version]!)));
  };
  const findingsOf = ({ runs, failures }: TurnsTaken<Record<string, number>>): Findings => ({
    options,
    versions: { aria2: versionOf('aria2c', '--version'), rsync: versionOf('rsync', '--version') },
    ...summaryOf(runs),
    leftOut: [...leftOut, ...failures],
    runs,
  });
  const contenders = names.map((program) => [program, () => handOutBy(program)] as const);
  const found = await inTurn(Number(options.rounds), Object.fromEntries(contenders), (soFar) =>
    report.save(findingsOf(soFar)),
  );
  await report.write(findingsOf(found));
}

/**
 * Names the figures of a version. Bytes are told in sizes of the folder. A floor is the time in which one machine would get
 * the whole folder over its line.
 */
function fieldsOf({ seconds, sent, received, cpu }: HandedOut, version: number, size: number) {
  const floor = size / ((Number(options.rate) * 1e6) / 8);
  const fields = { seconds, floors: seconds / floor, sent: sent / size, received: received / size, cpu };
  return Object.entries(fields).map(([key, value]) => [`${VERSIONS[version]} ${key}`, value] as const);
}

function summaryOf(runs: TurnsTaken<Record<string, number>>['runs']): Pick<Findings, 'table' | 'goals'> {
  const middles = new Map(Object.entries(runs).map(([name, made]) => [name, medians(made)]));
  const figure = (name: string, version: string, field: string) =>
    middles.get(name)?.[`${version} ${field}`] ?? Number.NaN;
  return {
    table: VERSIONS.flatMap((version) =>
      [...middles.keys()].map((program) => ({
        version,
        program,
        'last s': figure(program, version, 'seconds').toFixed(1),
        floors: rounded(figure(program, version, 'floors')),
        'sent by the build host': rounded(figure(program, version, 'sent')),
        'received by all': rounded(figure(program, version, 'received')),
        'cpu s': figure(program, version, 'cpu').toFixed(1),
      })),
    ),
    goals: VERSIONS.flatMap((version) =>
      ['rsync', 'aria2'].map((other) => ({
        what: `${version} version: ${other}'s time over Shoal's`,
        measured: times(figure(other, version, 'seconds'), figure('shoal', version, 'seconds')),
        atLeast: 1,
      })),
    ),
  };
}

await bench();
