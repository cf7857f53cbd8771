import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Disposables } from './disposables.ts';
import { onFreePort } from './free-port.ts';
import { runProcess, type SpawnedProcess, spawnProcess } from './process.ts';
import { tempFolder } from './temp-folder.ts';
import { pollUntil } from './time.ts';

const HOST = '127.0.0.1';

/** A running redis-server, with nothing in it that outlives the test. */
export interface RedisServer extends AsyncDisposable {
  readonly port: number;
  /** `redis://…` */
  readonly url: string;
  readonly process: SpawnedProcess;
  /** Asks it with redis-cli. @returns what that prints */
  cli(...command: string[]): Promise<string>;
  /** Removes everything that is in it, without another process. One call at a time. */
  flush(): Promise<void>;
  /** Ends it at once, as a crash does. */
  kill(): Promise<void>;
  /** Starts another in its place, at the same port; what was in it is gone. */
  restart(): Promise<RedisServer>;
}

/**
 * Starts Debian's redis-server.
 *
 * @example
 * ```ts
 * await using redis = await startRedis();
 * await using tracker = await createTracker({ redis: { url: redis.url } });
 * ```
 */
export async function startRedis(): Promise<RedisServer> {
  return onFreePort((port) => startAt(port));
}

/** Some servers that make a cluster. */
export interface RedisCluster extends AsyncDisposable {
  readonly nodes: readonly RedisServer[];
  /** The addresses of all, with commas between. */
  readonly url: string;
}

/**
 * Starts a cluster of three servers, in which the slots of one that is lost do not stop the others.
 *
 * @param replicas of each of the three
 */
export async function startRedisCluster({ replicas = 0 } = {}): Promise<RedisCluster> {
  await using owned = new Disposables();
  const options = [
    'cluster-enabled yes',
    'cluster-require-full-coverage no',
    'cluster-node-timeout 500',
    'repl-diskless-sync-delay 0',
  ];
  const count = 3 * (1 + replicas);
  const nodes: RedisServer[] = [];
  while (nodes.length < count) {
    nodes.push(owned.use(await onFreePort((port) => startAt(port, options))));
  }
  const addresses = nodes.map(({ port }) => `${HOST}:${port}`);
  await runProcess('redis-cli', [
    ...['--cluster', 'create', ...addresses],
    ...['--cluster-replicas', String(replicas), '--cluster-yes'],
  ]);
  for (const node of nodes) {
    await pollUntil(`${node.url} is in the cluster`, async () => {
      const info = await node.cli('cluster', 'info');
      const known = new RegExp(`cluster_known_nodes:${count}\\b`);
      const isWhole = /cluster_state:ok/.test(info) && known.test(info) && /slots_ok:16384/.test(info);
      const link = /master_link_status:(\w+)/.exec(await node.cli('info', 'replication'));
      return (isWhole && (link === null || link[1] === 'up')) || undefined;
    });
  }
  const all = owned.move();
  return {
    nodes,
    url: nodes.map(({ url }) => url).join(','),
    [Symbol.asyncDispose]: () => all[Symbol.asyncDispose](),
  };
}

async function startAt(port: number, options: readonly string[] = []): Promise<RedisServer> {
  // In a cluster it listens at another one, 10,000 above, too; from a port above that it does not start.
  await using owned = new Disposables();
  const folder = owned.use(await tempFolder());
  const settings = [
    `port ${port}`,
    `bind ${HOST}`,
    `dir ${folder.path}`,
    'save ""',
    'appendonly no',
    ...options,
  ];
  const args = settings.flatMap((setting) => {
    const at = setting.indexOf(' ');
    return [`--${setting.slice(0, at)}`, setting.slice(at + 1).replaceAll('"', '')];
  });
  const child = owned.use(await spawnProcess('redis-server', args));
  await child.waitForLine(/Ready to accept connections/);
  const cli = (...command: string[]): Promise<string> =>
    runProcess('redis-cli', ['-h', HOST, '-p', String(port), ...command]);
  let socket: Socket | undefined;
  owned.defer(async () => {
    socket?.destroy();
  });
  const all = owned.move();
  return {
    port,
    async flush() {
      socket ??= connect(port, HOST);
      socket.write('FLUSHALL\r\n');
      const [reply]: unknown[] = await once(socket, 'data');
      if (String(reply) !== '+OK\r\n')
        throw new Error(`redis-server did not remove everything: ${String(reply)}`);
    },
    url: `redis://${HOST}:${port}`,
    process: child,
    cli,
    async kill() {
      const ended = once(child.ended, 'abort');
      child.kill('SIGKILL');
      await ended;
    },
    restart: () => startAt(port, options),
    [Symbol.asyncDispose]: () => all[Symbol.asyncDispose](),
  };
}
