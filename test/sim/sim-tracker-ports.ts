import { ConnectionIdCache } from '../../src/tracker-client/connection-id-cache.ts';
import type { TrackerPorts } from '../../src/tracker-client/index.ts';
import type { SimHost } from './sim-host.ts';
import type { SimNetwork } from './sim-network.ts';
import { SimStream } from './sim-stream.ts';

/** Makes the time and the network over which a program on a simulated host calls trackers. */
export function trackerPortsOf({ clock }: SimNetwork, host: SimHost): TrackerPorts {
  return {
    clock,
    datagrams: host.datagrams,
    connectionIds: new ConnectionIdCache(),
    http: {
      createConnection({ host: ip, port }) {
        const remote = { host: String(ip), port: Number(port) };
        return new SimStream((signal) => host.dial(remote, { signal }), remote, host.ip);
      },
    },
  };
}
