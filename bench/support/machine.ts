import { execFileSync, spawnSync } from 'node:child_process';
import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os';
import { repositoryRoot } from '../../test/support/index.ts';

/** Describes the machine and the Node that a benchmark ran on. */
export function describeMachine() {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    node: process.version,
  };
}

/** Tells the commit that was built, with `+` when files differ from it. */
export function currentCommit(): string {
  const git = (...args: string[]) =>
    execFileSync('git', args, { cwd: repositoryRoot, encoding: 'utf8' }).trim();
  const isClean = git('status', '--porcelain', '--', 'src', 'bench', ':!bench/results') === '';
  return `${git('rev-parse', '--short=12', 'HEAD')}${isClean ? '' : '+'}`;
}

/** Reads how many processes wanted to run, averaged over the last minute. */
export function loadAverage(): number {
  return Number(loadavg()[0]!.toFixed(2));
}

/** The first line of what a program says of its version, or that it is not there. */
export function versionOf(command: string, ...args: string[]): string {
  const { error, stdout } = spawnSync(command, args, { encoding: 'utf8' });
  return error === undefined ? stdout.split('\n')[0]!.trim() : 'not there';
}
