import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { repositoryRoot } from '../test/support/index.ts';
import { readOptions } from './support/options.ts';
import { openReport, rounded } from './support/report.ts';

// npm run bench:catalog: memory of a registered torrent, how long calls take, and the start with a catalog on disk.

const options = readOptions({ torrents: '1000000', listed: '100000' });
const PROGRAM = join(repositoryRoot, 'bench/micro/catalog.mjs');

type Figures = Readonly<Record<string, number>>;

/** The measurements, each in a process of its own, so that none uses the memory that another left. */
function load(work: string, kind: string, torrents: string): Figures {
  const args = ['--expose-gc', PROGRAM, work, kind, torrents];
  const figures = JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })) as Figures;
  console.log(work, kind, figures);
  return figures;
}

const report = openReport('catalog');
const runs: Record<string, Figures> = {};
const table: Record<string, string | number>[] = [];
for (const [work, kind, torrents] of [
  ['memory', 'v1', options.torrents],
  ['memory', 'hybrid', options.torrents],
  ['speed', 'v1', options.listed],
  ['restart', 'v1', options.torrents],
] as const) {
  const figures = load(work, kind, torrents);
  runs[`${work} ${kind}`] = figures;
  for (const [what, figure] of Object.entries(figures))
    table.push({ work, kind, torrents, what, figure: rounded(figure) });
}
const bytesOf = (kind: string): number => runs[`memory ${kind}`]?.['catalog'] ?? Number.NaN;
await report.write({
  options,
  versions: {},
  table,
  goals: [
    { what: 'bytes of a registered torrent in the catalog, v1', measured: bytesOf('v1'), atMost: 300 },
    {
      what: 'bytes of a registered torrent in the catalog, hybrid',
      measured: bytesOf('hybrid'),
      atMost: 300,
    },
  ],
  leftOut: [],
  runs,
});
