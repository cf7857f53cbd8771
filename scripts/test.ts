import { spawnSync } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { countTests, type TestCount, type TestReport } from './count-tests.ts';
import { installTestPeers } from './install-test-peers.ts';

// npm test: sets up the peers, builds what is shipped, runs every test, and says how it went in its last line.
// Arguments go to vitest.

const VITEST = 'node_modules/vitest/vitest.mjs';
const REPORT = 'build/test-report.json';

const isCI = Boolean(process.env['CI']);

async function runTests(args: readonly string[]): Promise<TestCount> {
  const broken = { passed: 0, failed: 1, leftOut: [] };
  if (run('npm', ['run', 'build:dist']) !== 0) return broken;
  const hasPeers = await installTestPeers();
  await rm(REPORT, { force: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${REPORT}`];
  const status = run(process.execPath, [VITEST, 'run', ...reporters, ...args]);
  const report = await readReport();
  if (report === undefined) return broken;
  const count = countTests(report, { mayLeaveOut: !isCI });
  const isWorse = status !== 0 && count.failed === 0;
  return isWorse || (isCI && !hasPeers) ? { ...count, failed: count.failed + 1 } : count;
}

function run(command: string, args: readonly string[]): number | null {
  return spawnSync(command, args, { stdio: 'inherit' }).status;
}

/** Vitest leaves no report when it could not run at all, and has said why. */
async function readReport(): Promise<TestReport | undefined> {
  try {
    return JSON.parse(await readFile(REPORT, 'utf8')) as TestReport;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

const { passed, failed, leftOut } = await runTests(process.argv.slice(2));
for (const name of leftOut) console.log(`Left out: ${name}`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
