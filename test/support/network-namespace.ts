import { Disposables } from './disposables.ts';
import { runProcess } from './process.ts';

/** The number of namespaces that there can be at once. */
const NAMESPACES = 250;

/** Another host, as far as programs can tell: a network namespace joined to this one by a cable (a veth pair). */
export interface NetworkNamespace extends AsyncDisposable {
  readonly name: string;
  /** The address of this side, where the test runs. */
  readonly hostAddress: string;
  /** The address of this side over IPv6. */
  readonly hostAddress6: string;
  /** The address of that side, where programs with {@link execPrefix} run. */
  readonly address: string;
  /** Stands before a command to run it inside: the `prefix` of `spawnProcess()`. It stays one process, one pid. */
  readonly execPrefix: readonly string[];
}

/**
 * Makes a network namespace of the test's own. Both sides see only each other, and each its own loopback. Needs root.
 *
 * @example
 * ```ts
 * requirePeers(context, 'network namespace');
 * await using namespace = await networkNamespace();
 * await using tracker = await startOpentracker({ host: namespace.hostAddress, infoHashes });
 * await using peer = await startLibtorrent({ host: namespace.address, prefix: namespace.execPrefix });
 * ```
 */
export async function networkNamespace(): Promise<NetworkNamespace> {
  await using owned = new Disposables();
  const number = await addNamespace();
  const name = nameOf(number);
  const [hostSide, side] = [`${name}-host`, `${name}-in`];
  owned.defer(() => ip('netns', 'delete', name));
  const [hostAddress, address] = [`10.201.${number}.1`, `10.201.${number}.2`];
  const [hostAddress6, address6] = [`2001:db8:201:${number}::1`, `2001:db8:201:${number}::2`];
  const execPrefix = ['ip', 'netns', 'exec', name];
  await ip('link', 'add', hostSide, 'type', 'veth', 'peer', 'name', side, 'netns', name);
  await ip('addr', 'add', `${hostAddress}/30`, 'dev', hostSide);
  // At once: nobody else can have them.
  await ip('addr', 'add', `${hostAddress6}/64`, 'dev', hostSide, 'nodad');
  await ip('-n', name, 'addr', 'add', `${address6}/64`, 'dev', side, 'nodad');
  await ip('link', 'set', hostSide, 'up');
  await ip('-n', name, 'addr', 'add', `${address}/30`, 'dev', side);
  await ip('-n', name, 'link', 'set', side, 'up');
  await ip('-n', name, 'link', 'set', 'lo', 'up');
  // Without, some programs take it that there is no IPv6.
  await ip('-n', name, '-6', 'route', 'add', 'default', 'via', hostAddress6);
  const all = owned.move();
  return {
    name,
    hostAddress,
    hostAddress6,
    address,
    execPrefix,
    [Symbol.asyncDispose]: () => all[Symbol.asyncDispose](),
  };
}

/** Adding fails for a name that exists, so tests that run at the same time never share a number. */
async function addNamespace(): Promise<number> {
  const first = Math.floor(Math.random() * NAMESPACES);
  let cause: unknown;
  for (let tried = 0; tried < NAMESPACES; tried += 1) {
    const number = (first + tried) % NAMESPACES;
    try {
      await ip('netns', 'add', nameOf(number));
      return number;
    } catch (thrown) {
      if (!String(thrown).includes('File exists')) throw thrown;
      cause = thrown;
    }
  }
  throw new Error(`All ${NAMESPACES} network namespaces are taken: ip netns list`, { cause });
}

function nameOf(number: number): string {
  return `shoal${number}`;
}

async function ip(...args: string[]): Promise<void> {
  await runProcess('ip', args);
}
