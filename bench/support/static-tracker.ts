import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { encode } from '../../src/bencode/index.ts';
import { encodeCompactAddress } from '../../src/util/index.ts';

/** A tracker that answers at once and always the same, so that what is measured is the peers. */
export interface StaticTracker extends AsyncDisposable {
  /** The announce URL of a swarm with one seeder, whose port may be told later. */
  announceUrl(seeder: string): string;
  /** Tells leechers of that swarm about this port on loopback from now on. */
  setPort(seeder: string, port: number): void;
}

export async function startStaticTracker(): Promise<StaticTracker> {
  const ports = new Map<string, number>();
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url!, 'http://tracker');
    const port = ports.get(pathname.split('/').at(-1)!);
    const isSeeder = searchParams.get('left') === '0';
    const peers =
      port === undefined || isSeeder ? new Uint8Array() : encodeCompactAddress({ host: '127.0.0.1', port })!;
    response.end(encode({ interval: 1800, peers }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    // On loopback libtorrent dials only paths that begin like this.
    announceUrl: (seeder) => `http://127.0.0.1:${port}/announce/${seeder}`,
    setPort: (seeder, seederPort) => void ports.set(seeder, seederPort),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
