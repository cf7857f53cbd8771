import { spawnSync } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import { Disposables, type TempFolder } from '../../test/support/index.ts';
import type { Command } from '../programs/client.ts';
import { FOLDER_OFFERS, type FolderOffer } from '../programs/folder-offers.ts';
import { startTracker } from '../programs/shoal.ts';
import { cpuSoFar, startMeasured } from './measure.ts';
import { type Host, type SwarmNetwork, swarmNetwork } from './swarm-network.ts';

/** The hosts and folders of a hand-out. */
export interface HandOutOptions {
  /** A name of {@link FOLDER_OFFERS}. */
  readonly program: string;
  readonly scratch: TempFolder;
  /** The folders to hand out, one after the other: versions. */
  readonly versions: readonly string[];
  readonly machines: number;
  readonly megabitsPerSecond: number;
}

/** The cost of handing out one version to all machines. */
export interface HandedOut extends Record<string, number> {
  /** Seconds until the last machine had all. */
  readonly seconds: number;
  /** The bytes that left the build host, with headers. */
  readonly sent: number;
  /** The bytes that came to all machines together, with headers. */
  readonly received: number;
  /** The seconds of processor that the build host and all machines took. */
  readonly cpu: number;
}

/** Hands out versions of a folder from a build host to machines, and checks what each machine has got. */
export async function handOut(options: HandOutOptions): Promise<HandedOut[]> {
  const { scratch, versions, machines, megabitsPerSecond } = options;
  await using network = await swarmNetwork({ hosts: machines + 1, megabitsPerSecond, delayMs: 0 });
  await using tracker = await startTracker(network.hub.address, network.hub.prefix, {
    SHOAL_TRACKER_OPEN_REGISTRATION: 'true',
  });
  const found: HandedOut[] = [];
  for (const version of versions.keys()) {
    found.push(await handOutOne(options, version, network, tracker.announceUrl));
  }
  for (const version of versions.keys()) {
    for (let machine = 0; machine < machines; machine += 1)
      await rm(targetOf(scratch, machine, version), { recursive: true, force: true });
  }
  return found;
}

const targetOf = (scratch: TempFolder, machine: number, version: number) =>
  scratch.join(`machine-${machine}-${version}`);

async function handOutOne(
  { program, scratch, versions }: HandOutOptions,
  version: number,
  { hosts }: SwarmNetwork,
  announceUrl: string,
): Promise<HandedOut> {
  await using owned = new Disposables();
  const [buildHost, ...machines] = hosts as [Host, ...Host[]];
  const source = versions[version]!;
  const offer = await FOLDER_OFFERS[program]!({ scratch, source, buildHost, announceUrl, owned });
  const commands: Command[] = [];
  for (const [number, host] of machines.entries()) {
    const target = targetOf(scratch, number, version);
    await rm(target, { recursive: true, force: true });
    await mkdir(target);
    const before = version === 0 ? undefined : targetOf(scratch, number, version - 1);
    commands.push(await offer.command(host, target, before));
  }
  const before = await countersOf(buildHost, machines);
  const offererBefore = await cpuSoFar(offer.process.pid);
  const startedAt = performance.now();
  const took = await Promise.all(
    machines.map(async ({ prefix }, number) => {
      const running = owned.use(await startMeasured(commands[number]!, { prefix, cwd: scratch.path }));
      return await running.ended();
    }),
  );
  const seconds = (performance.now() - startedAt) / 1000;
  const after = await countersOf(buildHost, machines);
  const offererTook = (await cpuSoFar(offer.process.pid)) - offererBefore;
  for (const number of machines.keys()) check(offer, source, targetOf(scratch, number, version));
  return {
    seconds,
    sent: after.sent - before.sent,
    received: after.received - before.received,
    cpu: took.reduce((sum, { cpu }) => sum + cpu, offererTook),
  };
}

async function countersOf(buildHost: Host, machines: readonly Host[]) {
  const received = await Promise.all(machines.map((host) => host.bytesReceived()));
  return { sent: await buildHost.bytesSent(), received: received.reduce((sum, bytes) => sum + bytes, 0) };
}

/** Compares a delivered folder with its source. `diff` follows links, because aria2 has files in their place. */
function check({ delivered, isExpected = () => false }: FolderOffer, source: string, target: string): void {
  const { stdout } = spawnSync('diff', ['-rq', source, delivered(target)], { encoding: 'utf8' });
  const wrong = stdout.split('\n').filter((line) => line !== '' && !isExpected(line));
  if (wrong.length > 0) throw new Error(`${target} is not as its source: ${wrong[0]}`);
}
