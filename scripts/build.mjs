import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFolder } from './replace-folder.mjs';

// npm run build, npm run build:dist: compiles into a folder beside `build/` or `dist/`, and then puts what is new in place. So a
// failed build changes nothing, and commands and tests that run from there meanwhile go on.

/** The commands that make each folder; OUT stands for the place where it is made. */
const STEPS = {
  build: [['tsc', '-p', 'tsconfig.json', '--outDir', 'OUT']],
  dist: [
    ['tsc', '-p', 'tsconfig.dist.json', '--outDir', 'OUT'],
    ['rolldown', '-c', 'scripts/rolldown.config.ts'],
  ],
};

const folder = process.argv[2];
const out = await mkdtemp('.build-');
process.exitCode = STEPS[folder].reduce((code, step) => code || run(step), 0);
if (process.exitCode === 0) {
  await mkdir(folder, { recursive: true });
  await replaceFolder(folder, out);
}
await rm(out, { recursive: true, force: true });

function run([program, ...args]) {
  const { status } = spawnSync(
    program,
    args.map((arg) => (arg === 'OUT' ? out : arg)),
    {
      stdio: 'inherit',
      shell: process.platform === 'win32',
      env: { ...process.env, SHOAL_BUILD_FOLDER: join(out, 'cli') },
    },
  );
  return status ?? 1;
}
