// Shoal's tracker over UDP in several processes that share a port, each with swarms of its own: the kernel gives each
// client to one of them. Needs a Node with `reusePort` (23.1).
//   node udp-shared-port.js [PORT]
import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { clientAddressOf, TrackerLogic } from '../../build/src/tracker/core/announce.js';
import { ConnectionIds } from '../../build/src/tracker/frontends/udp/connection-ids.js';
import { UdpResponder } from '../../build/src/tracker/frontends/udp/udp-responder.js';
import { AddressLimits } from '../../build/src/tracker/guard/rate-limit/index.js';
import { TransportCounters } from '../../build/src/tracker/metrics/transport-counters.js';
import { MemorySwarmStore } from '../../build/src/tracker/swarms/memory/index.js';
import { systemClock, systemRandom } from '../../build/src/util/index.js';

const HOST = '127.0.0.1';
const RESPONSE_BYTES = 1232;

const swarms = new MemorySwarmStore({ peerTtl: 1e6, random: systemRandom });
const answers = new UdpResponder({
  logic: new TrackerLogic({ swarms, clock: systemClock, random: systemRandom, interval: 120 }),
  abuse: new AddressLimits({ requestsPerSecond: 0, requestBurst: 1, connectionsPerAddress: 0 }),
  connectionIds: new ConnectionIds(randomBytes(16)),
  counters: new TransportCounters(systemClock),
  clock: systemClock,
  report: (error) => {
    throw error;
  },
});

const socket = createSocket({
  type: 'udp4',
  reusePort: true,
  recvBufferSize: 1 << 20,
  sendBufferSize: 1 << 20,
  lookup: (address, _options, callback) => callback(null, address, 4),
});
socket.on('message', (packet, { address, port }) => {
  const response = Buffer.allocUnsafe(RESPONSE_BYTES);
  const length = answers.answer(packet, clientAddressOf(address), response);
  if (length > 0) socket.send(response, 0, length, port, address);
});
socket.bind(Number(process.argv[2] ?? 0), HOST, () => console.log(`listening on ${socket.address().port}`));
