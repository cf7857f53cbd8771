import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { TestContext } from 'vitest';

const isRoot = () => process.getuid?.() === 0;
const succeeds = (command: string, args: readonly string[]) =>
  spawnSync(command, args, { stdio: 'ignore' }).status === 0;
const isCommand = (command: string) => () => succeeds('sh', ['-c', `command -v ${command}`]);

/** The programs that tests may need, and the Debian package that brings each. */
const PEER_PROGRAMS = {
  aria2: { debianPackage: 'aria2', isPresent: isCommand('aria2c') },
  // It belongs to Debian's own Python, not to another one in the PATH.
  libtorrent: {
    debianPackage: 'python3-libtorrent',
    isPresent: () => succeeds('/usr/bin/python3', ['-c', 'import libtorrent']),
  },
  transmission: { debianPackage: 'transmission-daemon', isPresent: isCommand('transmission-daemon') },
  haproxy: { debianPackage: 'haproxy', isPresent: isCommand('haproxy') },
  nginx: { debianPackage: 'nginx-light', isPresent: isCommand('nginx') },
  openssl: { debianPackage: 'openssl', isPresent: isCommand('openssl') },
  qbittorrent: { debianPackage: 'qbittorrent-nox', isPresent: isCommand('qbittorrent-nox') },
  mktorrent: { debianPackage: 'mktorrent', isPresent: isCommand('mktorrent') },
  // It changes its root folder and its user.
  opentracker: { debianPackage: 'opentracker', isPresent: () => isRoot() && isCommand('opentracker')() },
  redis: {
    debianPackage: 'redis-server',
    isPresent: () => isCommand('redis-server')() && isCommand('redis-cli')(),
  },
  'network namespace': { debianPackage: 'iproute2', isPresent: () => isRoot() && isCommand('ip')() },
  // It needs FUSE of the kernel.
  bindfs: {
    debianPackage: 'bindfs',
    isPresent: () => isRoot() && existsSync('/dev/fuse') && isCommand('bindfs')(),
  },
  tmpfs: { debianPackage: 'mount', isPresent: () => isRoot() && isCommand('mount')() },
} as const;

export type Peer = keyof typeof PEER_PROGRAMS;

/** The names of all programs that tests may need. */
export const PEERS = Object.keys(PEER_PROGRAMS) as Peer[];

/** The programs that were found; a missing one may be installed meanwhile. */
const found = new Set<Peer>();

/** Tells whether this machine has a program, and lets it run. */
export function hasPeer(peer: Peer): boolean {
  if (!found.has(peer) && PEER_PROGRAMS[peer].isPresent()) found.add(peer);
  return found.has(peer);
}

/** Of `peers`, those that are missing, each as a sentence that says what to do. */
export function missingPeers(peers: readonly Peer[]): string[] {
  return peers
    .filter((peer) => !hasPeer(peer))
    .map(
      (peer) =>
        `${peer} is missing (on Debian, as root: apt-get install ${PEER_PROGRAMS[peer].debianPackage})`,
    );
}

/** The Debian packages that bring what is missing of `peers`. */
export function missingPackages(peers: readonly Peer[]): string[] {
  return peers.filter((peer) => !hasPeer(peer)).map((peer) => PEER_PROGRAMS[peer].debianPackage);
}

/**
 * Says what a test needs of the machine, as its first line. Where that is missing the test is left out, and the reason
 * printed; in CI it fails, for there nothing may be left out.
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
  console.warn(`Left out, for ${missing}`);
  context.skip(missing);
}
