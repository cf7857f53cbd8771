declare module 'bittorrent-tracker/client' {
  import type { EventEmitter } from 'node:events';

  /** What its tests here use of it. */
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
