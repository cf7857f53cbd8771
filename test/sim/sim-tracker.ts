import { clientAddressOf } from '../../src/tracker/core/index.ts';
import { createTrackerOn, type Tracker } from '../../src/tracker/create-tracker.ts';
import type { FrontEndOptions, FrontEnds } from '../../src/tracker/frontends/index.ts';
import { CONNECTION_SECRET_BYTES, ConnectionIds } from '../../src/tracker/frontends/udp/connection-ids.ts';
import { UdpResponder } from '../../src/tracker/frontends/udp/udp-responder.ts';
import type { TrackerOptions } from '../../src/tracker/tracker-options.ts';
import { MAX_UDP_RESPONSE_BYTES } from '../../src/tracker-protocol/index.ts';
import { formatAddress, inBackground, type Random, type ReportError } from '../../src/util/index.ts';
import type { SimHost } from './sim-host.ts';
import type { SimNetwork } from './sim-network.ts';
import { SimStream } from './sim-stream.ts';

const TRACKER_PORT = 9910;

/**
 * A tracker on the simulated network: all of it but its sockets. Announces over UDP and requests over HTTP go through
 * what answers them in production, and its time is that of the network.
 */
export class SimTracker {
  readonly host: SimHost;
  readonly url: string;
  readonly udpUrl: string;
  readonly #tracker: Tracker;

  private constructor(host: SimHost, tracker: Tracker) {
    this.host = host;
    this.#tracker = tracker;
    this.url = `http://${formatAddress(tracker.address)}`;
    this.udpUrl = `udp://${formatAddress(tracker.address)}`;
  }

  /** @param host it runs there; on one that had a tracker before, it is that tracker started anew */
  static async start(
    network: SimNetwork,
    host: SimHost,
    report: ReportError,
    options: TrackerOptions = {},
  ): Promise<SimTracker> {
    const { clock, random } = network;
    const tracker = await createTrackerOn(
      {
        listenFrontEnds: (_host, { port }, frontEndOptions) => listenOn(network, host, port, frontEndOptions),
        makeNetwork: () => host,
      },
      {
        clock,
        random,
        wallTime: () => clock.now(),
        onError: report,
        openRegistration: true,
        port: TRACKER_PORT,
        ...options,
      },
    );
    return new SimTracker(host, tracker);
  }

  get announceUrl(): string {
    return `${this.url}/announce`;
  }

  stats(): ReturnType<Tracker['stats']> {
    return this.#tracker.stats();
  }

  close(): Promise<void> {
    return this.#tracker.close();
  }
}

async function listenOn(
  network: SimNetwork,
  host: SimHost,
  port: number,
  options: FrontEndOptions,
): Promise<FrontEnds> {
  const closeUdp = answerDatagrams(host, port, network.random, options);
  const streams = new Set<SimStream>();
  const listener = await host.listen({ port }, (connection) => {
    const stream = new SimStream(async () => connection, connection.remote, host.ip);
    streams.add(stream);
    stream.on('close', () => streams.delete(stream));
    // A client may break its connection off.
    stream.on('error', () => {});
    options.webServer.emit('connection', stream);
  });
  return {
    address: listener.address,
    webAddress: undefined,
    get connections() {
      return streams.size;
    },
    webTorrent: () => ({
      connections: 0,
      swarms: 0,
      peers: 0,
      offers: 0,
      answers: 0,
      answersDropped: 0,
      cut: 0,
    }),
    configure: () => {},
    async close() {
      closeUdp();
      await listener.close();
      for (const stream of streams) stream.destroy();
    },
  };
}

/** Answers announces and scrapes over UDP. @returns what ends it */
function answerDatagrams(host: SimHost, port: number, random: Random, options: FrontEndOptions): () => void {
  const counters = options.counters.udp;
  // Another one each time, so that a tracker that was started anew does not know the ids that it gave before.
  const secret = Buffer.alloc(CONNECTION_SECRET_BYTES, 256 * random.next());
  const connectionIds = new ConnectionIds(secret);
  const responder = new UdpResponder({ ...options, counters, connectionIds });
  const socket = host.datagrams.bind(port, (packet, from) => {
    const response = Buffer.alloc(MAX_UDP_RESPONSE_BYTES);
    const answered = Promise.resolve(responder.answer(packet, clientAddressOf(from.host)!, response));
    const sent = answered.then((length) => {
      if (length > 0) socket.sendTo(from, response.subarray(0, length));
    });
    inBackground(sent, 'answer a request over UDP', options.report);
  });
  return () => socket.close();
}
