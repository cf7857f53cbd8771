import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, Server as TcpServer } from 'node:net';

/** Real servers on loopback for one test file; close them after each test. */
export class LocalServers {
  readonly #servers: (Server | TcpServer)[] = [];

  /** @returns the server's address, without a slash at the end */
  async listen(server: Server | TcpServer): Promise<string> {
    this.#servers.push(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  serve(listener: RequestListener): Promise<string> {
    return this.listen(createServer(listener));
  }

  async close(): Promise<void> {
    for (const server of this.#servers.splice(0)) {
      const closed = once(server, 'close');
      server.close();
      if ('closeAllConnections' in server) server.closeAllConnections();
      await closed;
    }
  }
}
