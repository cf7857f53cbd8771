declare module 'bittorrent-tracker/client' {
  import type { EventEmitter } from 'node:events';

  /** The part of the class that the tests here use. */
  export default class Client extends EventEmitter {
    constructor(options: {
      readonly infoHash: string;
      readonly peerId: string;
      readonly announce: readonly string[];
      /** Asked for, and of no use over WebSocket. */
      readonly port: number;
      getAnnounceOpts(): object;
    });
    start(): void;
    update(): void;
    complete(): void;
    stop(): void;
    scrape(options?: { readonly infoHash: readonly string[] }): void;
    destroy(): void;
  }
}

declare module 'bittorrent-tracker/server' {
  import type { Socket } from 'node:dgram';
  import type { EventEmitter } from 'node:events';
  import type { Server as HttpServer } from 'node:http';

  export default class Server extends EventEmitter {
    constructor(options: { readonly http: boolean; readonly udp: boolean; readonly ws: boolean });
    readonly http: HttpServer;
    readonly udp4: Socket;
    udp6: Socket | null;
    listen(port: number, host: string): void;
    close(): void;
  }
}
