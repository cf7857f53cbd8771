import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { missingPackages, missingPeers, PEERS } from '../test/support/index.ts';

/** Asked by Debian's packages before they start a service; 101 says no. */
const POLICY_FILE = '/usr/sbin/policy-rc.d';

/**
 * Sets up the programs that the tests run against: installs Debian's packages where that can be done, and prints what
 * the tests will miss where it cannot.
 *
 * @returns whether all of them are here now
 */
export async function installTestPeers(): Promise<boolean> {
  const packages = missingPackages(PEERS);
  if (packages.length > 0 && isDebianRoot()) await installPackages(packages);
  const missing = missingPeers(PEERS);
  for (const sentence of missing) console.log(`Tests that need it are left out: ${sentence}`);
  return missing.length === 0;
}

function isDebianRoot(): boolean {
  return process.getuid?.() === 0 && existsSync('/etc/debian_version');
}

async function installPackages(packages: readonly string[]): Promise<void> {
  console.log(`Installing peers to test against: ${packages.join(' ')}`);
  const hasPolicy = existsSync(POLICY_FILE);
  if (!hasPolicy) await writeFile(POLICY_FILE, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    aptGet('update');
    aptGet('install', '-y', '--no-install-recommends', ...packages);
  } finally {
    if (!hasPolicy) await rm(POLICY_FILE);
  }
}

/** Runs apt-get. A failure shows in the programs that are missing afterwards. */
function aptGet(...args: string[]): void {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  spawnSync('apt-get', ['-q', '-o', 'DPkg::Lock::Timeout=120', ...args], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env,
  });
}
