import { spawnSync } from 'node:child_process';
import { runProcess, spawnProcess } from '../../test/support/index.ts';
import { atExit } from './at-exit.ts';
import { CABLE } from './install.ts';

/** A machine of the swarm, as far as programs can tell: a network namespace with one cable. */
export interface Host {
  readonly address: string;
  /** Stands before a command to run it there. It stays one process, one pid. */
  readonly prefix: readonly string[];
  /** Counts the bytes that have left the host, with headers. */
  bytesSent(): Promise<number>;
  /** Counts the bytes that have come to the host, with headers. */
  bytesReceived(): Promise<number>;
}

/** Hosts around a switch. */
export interface SwarmNetwork extends AsyncDisposable {
  /** The switch itself, whose cable has no limit: the tracker's place. */
  readonly hub: Host;
  readonly hosts: readonly Host[];
}

export interface SwarmNetworkOptions {
  readonly hosts: number;
  /** The rate of each cable in each direction. */
  readonly megabitsPerSecond: number;
  /** The delay on the way out of each host; a round trip takes twice as long. */
  readonly delayMs: number;
}

/** The milliseconds that a packet may wait for a cable; about as many as in a home router. */
const QUEUE_MS = 50;

/** The bytes that may leave at once: more than the largest packet that TCP hands down to be cut later, 64 KiB. */
const BURST = '128kb';

/** The bridge inside the switch. */
const BRIDGE = 'hub';

const MASK = 24;
const addressOf = (number: number) => `10.213.0.${number}`;

/**
 * Makes hosts, each behind a cable of its own that is slow in both directions (tbf) and, if asked, long: not every kernel
 * has netem, so that a program carries the packets then ({@link CABLE}). Needs root. They are taken away, with all that
 * runs in them, however this process ends.
 */
export async function swarmNetwork(options: SwarmNetworkOptions): Promise<SwarmNetwork> {
  const prefixOfNames = `shoal-bench-${process.pid}`;
  const names: string[] = [];
  const remove = () => {
    for (const name of names.splice(0)) removeNamespace(name);
  };
  const isDone = atExit(remove);
  const addNamespace = async (suffix: string) => {
    const name = `${prefixOfNames}-${suffix}`;
    names.push(name);
    await run('ip', 'netns', 'add', name);
    await run('ip', '-n', name, 'link', 'set', 'lo', 'up');
    return name;
  };
  try {
    const hub = await addNamespace('hub');
    await run('ip', '-n', hub, 'link', 'add', BRIDGE, 'type', 'bridge');
    await run('ip', '-n', hub, 'addr', 'add', `${addressOf(1)}/${MASK}`, 'dev', BRIDGE);
    await run('ip', '-n', hub, 'link', 'set', BRIDGE, 'up');
    const hosts: Host[] = [];
    for (let number = 0; number < options.hosts; number += 1) {
      const name = await addNamespace(String(number));
      const address = addressOf(number + 2);
      await plugIn(hub, name, number, address, options);
      hosts.push(hostOf(name, address, 'eth0'));
    }
    return {
      hub: hostOf(hub, addressOf(1), BRIDGE),
      hosts,
      async [Symbol.asyncDispose]() {
        remove();
        isDone();
      },
    };
  } catch (thrown) {
    remove();
    isDone();
    throw thrown;
  }
}

/** Lays the cable between the switch and a host. */
async function plugIn(
  hub: string,
  name: string,
  number: number,
  address: string,
  { megabitsPerSecond, delayMs }: SwarmNetworkOptions,
): Promise<void> {
  const port = `port${number}`;
  const rate = ['tbf', 'rate', `${megabitsPerSecond}mbit`, 'burst', BURST, 'latency', `${QUEUE_MS}ms`];
  if (delayMs === 0) {
    await run('ip', '-n', hub, 'link', 'add', port, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name);
  } else {
    // It ends with the namespace that it is in last.
    const cable = await spawnProcess(CABLE, [name, 'eth0', hub, port, String(delayMs)]);
    await cable.waitForLine(/^ready$/);
  }
  await run('ip', '-n', hub, 'link', 'set', port, 'master', BRIDGE, 'up');
  await run('ip', '-n', name, 'addr', 'add', `${address}/${MASK}`, 'dev', 'eth0');
  await run('ip', '-n', name, 'link', 'set', 'eth0', 'up');
  await run('tc', '-n', hub, 'qdisc', 'add', 'dev', port, 'root', ...rate);
  await run('tc', '-n', name, 'qdisc', 'add', 'dev', 'eth0', 'root', ...rate);
}

function hostOf(name: string, address: string, device: string): Host {
  return {
    address,
    prefix: ['ip', 'netns', 'exec', name],
    bytesSent: async () => (await countersOf(name, device)).tx.bytes,
    bytesReceived: async () => (await countersOf(name, device)).rx.bytes,
  };
}

type Counters = Readonly<Record<'rx' | 'tx', { readonly bytes: number }>>;

async function countersOf(name: string, device: string): Promise<Counters> {
  const json = await runProcess('ip', ['-n', name, '-json', '-statistics', 'link', 'show', device]);
  const [link] = JSON.parse(json) as [{ readonly stats64: Counters }];
  return link.stats64;
}

async function run(command: string, ...args: string[]): Promise<void> {
  await runProcess(command, args);
}

/** Ends what runs in it, too: nobody else is in there. It has to work while the process exits, so it waits. */
function removeNamespace(name: string): void {
  const { stdout } = spawnSync('ip', ['netns', 'pids', name], { encoding: 'utf8' });
  for (const pid of stdout.split('\n').filter(Boolean)) spawnSync('kill', ['-KILL', pid]);
  spawnSync('ip', ['netns', 'delete', name], { stdio: 'ignore' });
}
