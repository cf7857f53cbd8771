import { randomBytes } from 'node:crypto';
import { type Address, type Clock, type Closer, closeAll, type ReportError } from '../../../util/index.ts';
import type { TrackerLogic } from '../../core/index.ts';
import type { AddressLimits } from '../../guard/rate-limit/index.ts';
import type { TrackerCounters } from '../../metrics/index.ts';
import { CONNECTION_SECRET_BYTES, ConnectionIds } from './connection-ids.ts';
import { UdpResponder } from './udp-responder.ts';
import { UdpSocket } from './udp-socket.ts';

export interface TrackerUdpServerOptions {
  readonly logic: TrackerLogic;
  readonly rateLimits: AddressLimits;
  readonly counters: TrackerCounters;
  readonly clock: Clock;
  readonly report: ReportError;
}

/**
 * The UDP front end of the tracker, with a socket for each address family.
 *
 * @see BEP 15, BEP 41
 */
export class TrackerUdpServer {
  readonly #sockets: readonly UdpSocket[];

  private constructor(sockets: readonly UdpSocket[]) {
    this.#sockets = sockets;
  }

  /**
   * Listens where the tracker does over TCP.
   *
   * @param address its address; `::` stands for all addresses of both families
   * @throws {TrackerStartError} PORT_IN_USE, CANNOT_LISTEN
   */
  static async listen({ host, port }: Address, options: TrackerUdpServerOptions): Promise<TrackerUdpServer> {
    const connectionIds = new ConnectionIds(randomBytes(CONNECTION_SECRET_BYTES));
    const own = { ...options, counters: options.counters.udp };
    const answers = new UdpResponder({ ...own, connectionIds });
    const sockets: UdpSocket[] = [];
    try {
      for (const each of host === '::' ? ['0.0.0.0', '::'] : [host]) {
        sockets.push(await UdpSocket.listen({ host: each, port }, { ...own, answers }));
      }
    } catch (thrown) {
      await closeAll(sockets.map(closerOf));
      throw thrown;
    }
    return new TrackerUdpServer(sockets);
  }

  /** Stops reading requests, sends the responses that are made already, and closes. */
  async close(): Promise<void> {
    await closeAll(this.#sockets.map(closerOf));
  }
}

function closerOf(socket: UdpSocket): Closer {
  return { name: `the UDP socket at ${socket.address.host}`, close: () => socket.close() };
}
