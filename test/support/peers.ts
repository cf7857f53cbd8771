import { spawnSync } from 'node:child_process';
import type { TestContext } from 'vitest';

/** A program of Debian's that the tests run against. */
export interface PeerProgram {
  /** The Debian package that brings it. */
  readonly debianPackage: string;
  isPresent(): boolean;
}

const isCommand = (command: string) => () => succeeds('sh', ['-c', `command -v ${command}`]);
const isRoot = () => process.getuid?.() === 0;

/** What tests may need of the machine, by name. `python3-libtorrent` belongs to Debian's own Python. */
export const PEER_PROGRAMS = {
  aria2: { debianPackage: 'aria2', isPresent: isCommand('aria2c') },
  libtorrent: {
    debianPackage: 'python3-libtorrent',
    isPresent: () => succeeds('/usr/bin/python3', ['-c', 'import libtorrent']),
  },
  transmission: { debianPackage: 'transmission-daemon', isPresent: isCommand('transmission-daemon') },
  mktorrent: { debianPackage: 'mktorrent', isPresent: isCommand('mktorrent') },
  opentracker: { debianPackage: 'opentracker', isPresent: isCommand('opentracker') },
  'network namespace': { debianPackage: 'iproute2', isPresent: () => isRoot() && isCommand('ip')() },
  tmpfs: { debianPackage: 'mount', isPresent: () => isRoot() && isCommand('mount')() },
} as const satisfies Record<string, PeerProgram>;

export type Peer = keyof typeof PEER_PROGRAMS;

const presence = new Map<Peer, boolean>();

/** Whether this machine has it; asked once a process. */
export function hasPeer(peer: Peer): boolean {
  const known = presence.get(peer) ?? PEER_PROGRAMS[peer].isPresent();
  presence.set(peer, known);
  return known;
}

/** Of `peers`, those that are missing, each as a sentence that says what to do. */
export function missingPeers(peers: readonly Peer[]): string[] {
  return peers
    .filter((peer) => !hasPeer(peer))
    .map(
      (peer) => `${peer} is missing: as root on Debian, apt-get install ${PEER_PROGRAMS[peer].debianPackage}`,
    );
}

/**
 * Says what a test needs of the machine, as its first line. Where it is missing the test is left out, and the
 * reason printed; in CI it fails, for there nothing may be left out.
 *
 * @example
 * ```ts
 * test('aria2 downloads from our seeder', async (context) => {
 *   requirePeers(context, 'aria2', 'opentracker');
 * ```
 */
export function requirePeers(context: TestContext, ...peers: Peer[]): void {
  const missing = missingPeers(peers).join('; ');
  if (missing === '') return;
  if (process.env['CI']) throw new Error(`In CI no test may be left out, but ${missing}`);
  context.skip(missing);
}

function succeeds(command: string, args: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}
