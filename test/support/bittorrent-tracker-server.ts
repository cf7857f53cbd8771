import { once } from 'node:events';
import Server from 'bittorrent-tracker/server';
import { onFreePort } from './free-port.ts';

/** A tracker of bittorrent-tracker: HTTP and UDP on one port of 127.0.0.1. */
export interface BittorrentTrackerServer extends AsyncDisposable {
  readonly announceUrl: string;
  readonly udpAnnounceUrl: string;
}

export function startBittorrentTracker(): Promise<BittorrentTrackerServer> {
  return onFreePort(async (port) => {
    const server = new Server({ http: true, udp: true, ws: false });
    // It would listen at an IPv6 address, too, which this machine may not have.
    server.udp6!.close();
    server.udp6 = null;
    const listening = [server.http, server.udp4].map((socket) => once(socket, 'listening'));
    server.listen(port, '127.0.0.1');
    await Promise.all(listening);
    return {
      announceUrl: `http://127.0.0.1:${port}/announce`,
      udpAnnounceUrl: `udp://127.0.0.1:${port}/announce`,
      async [Symbol.asyncDispose]() {
        const closed = once(server.http, 'close');
        server.close();
        server.http.closeAllConnections();
        await closed;
      },
    };
  });
}
