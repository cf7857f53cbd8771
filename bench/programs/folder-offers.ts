import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type Disposables,
  deadline,
  pollUntil,
  runProcess,
  type SpawnedProcess,
  spawnProcess,
  type TempFolder,
} from '../../test/support/index.ts';
import { PATIENCE_MS } from '../support/measure.ts';
import type { Host } from '../support/swarm-network.ts';
import type { Command } from './client.ts';
import { shoalCommand } from './shoal.ts';

/** The folder that a build host offers, and the things around it. */
export interface FolderStage {
  /** The folder for files that only a program needs. */
  readonly scratch: TempFolder;
  readonly source: string;
  readonly buildHost: Host;
  /** The announce URL of a Shoal tracker that all hosts reach. */
  readonly announceUrl: string;
  /** Takes what runs until the end. */
  readonly owned: Disposables;
}

/** A running offer of a folder. */
export interface FolderOffer {
  readonly process: SpawnedProcess;
  /**
   * Makes the command by which a machine gets the folder into `target`, which is there and empty.
   *
   * @param before the folder with the version before on this machine, or `undefined` if it has none
   */
  readonly command: (host: Host, target: string, before: string | undefined) => Promise<Command>;
  /** Finds the folder that came in `target`. */
  readonly delivered: (target: string) => string;
  /** Tells whether a difference, a line of `diff -rq SOURCE TARGET`, is one that the program always leaves. */
  readonly isExpected?: (difference: string) => boolean;
}

/** The ways to hand out a folder, by the name of the program. */
export const FOLDER_OFFERS: Readonly<Record<string, (stage: FolderStage) => Promise<FolderOffer>>> = {
  shoal: (stage) => offerByShoal(stage, '--v1'),
  'shoal-hybrid': (stage) => offerByShoal(stage, '--hybrid'),
  rsync: offerByRsync,
  aria2: offerByAria2,
};

async function offerByShoal(stage: FolderStage, version: string): Promise<FolderOffer> {
  const { source, buildHost } = stage;
  const tracker = new URL(stage.announceUrl).origin;
  const publish = ['publish', source, version, '--name', 'app', '--hidden', '--cache-dir', 'off'];
  const where = ['--host', buildHost.address, '--port', '0', '--tracker', tracker, '--json'];
  const process = await start(shoalCommand(...publish, ...where), /^\{"event":"registered"/, stage);
  const [command, ...args] = shoalCommand('id', source, '--quiet');
  const id = (await runProcess(command, args, { cwd: '/' })).slice(0, 64);
  return {
    process,
    async command(host, target, before) {
      const reuse = before === undefined ? [] : ['--reuse', before];
      const get = ['get', id, '--wait', '--output', target, '--bind', host.address, '--tracker', tracker];
      return shoalCommand(...get, ...reuse, '--timeout', '10m', '--quiet');
    },
    delivered: (target) => target,
  };
}

/** Offers it as people use rsync: the folder that is there is brought up to date. */
async function offerByRsync(stage: FolderStage): Promise<FolderOffer> {
  const { source, buildHost, scratch } = stage;
  const config = scratch.join('rsyncd.conf');
  await writeFile(config, `uid = root\nuse chroot = no\n[app]\npath = ${source}\n`);
  const log = scratch.join('rsyncd.log');
  await writeFile(log, '');
  const daemon = ['--daemon', '--no-detach', '--config', config, '--log-file', log] as const;
  const listen = ['--address', buildHost.address, '--port', '8730'] as const;
  // With a socket as its stdin, as Node makes them, it would serve that one alone.
  const process = await spawnOn(
    ['sh', '-c', 'exec "$@" < /dev/null', 'sh', 'rsync', ...daemon, ...listen],
    stage,
  );
  await pollUntil('the rsync daemon has started', async () =>
    (await readFile(log, 'utf8')).includes('starting') ? true : undefined,
  );
  return {
    process,
    async command(_, target, before) {
      if (before !== undefined) await copyFolder(before, target);
      return ['rsync', '-a', '--delete', `rsync://${buildHost.address}:8730/app/`, `${target}/`];
    },
    delivered: (target) => target,
  };
}

/** Offers it by BitTorrent. aria2 makes no links, and takes nothing from other folders; but it checks what is in the way. */
async function offerByAria2(stage: FolderStage): Promise<FolderOffer> {
  const { source, scratch, announceUrl } = stage;
  const torrent = scratch.join('aria2.torrent');
  const made = ['create', source, '--v1', '--hidden', '--no-sha256', '--follow', '--name', 'app'];
  const [command, ...args] = shoalCommand(...made, '--tracker', announceUrl, '-o', torrent, '--force', '-q');
  await runProcess(command, args, { cwd: '/', signal: deadline(PATIENCE_MS) });
  const seed = scratch.join('aria2-seed');
  await rm(seed, { recursive: true, force: true });
  await cp(source, join(seed, 'app'), { recursive: true, dereference: true });
  const seeding = aria2Command(torrent, seed, '--seed-ratio=0', '--check-integrity=true');
  return {
    process: await start(seeding, /Verification finished successfully/, stage),
    async command(_, target, before) {
      if (before !== undefined) await copyFolder(join(before, 'app'), join(target, 'app'));
      return aria2Command(
        torrent,
        target,
        '--seed-time=0',
        '--check-integrity=true',
        '--allow-overwrite=true',
      );
    },
    delivered: (target) => join(target, 'app'),
    // It makes no empty folders, and removes nothing.
    isExpected: (difference) => difference.startsWith('Only in '),
  };
}

function aria2Command(torrent: string, folder: string, ...more: readonly string[]): Command {
  const quiet = ['--no-conf', '--show-console-readout=false', '--summary-interval=0'];
  const plain = ['--enable-dht=false', '--enable-dht6=false', '--file-allocation=none'];
  return ['aria2c', ...quiet, '--console-log-level=info', ...plain, `--dir=${folder}`, ...more, torrent];
}

/** Copies a folder with its links and times. */
async function copyFolder(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  await runProcess('cp', ['-a', `${from}/.`, to]);
}

async function start(command: Command, ready: RegExp, stage: FolderStage): Promise<SpawnedProcess> {
  const spawned = await spawnOn(command, stage);
  await spawned.waitForLine(ready, deadline(PATIENCE_MS));
  return spawned;
}

async function spawnOn([command, ...args]: Command, { buildHost, owned }: FolderStage) {
  return owned.use(await spawnProcess(command, args, { prefix: buildHost.prefix, cwd: '/' }));
}
