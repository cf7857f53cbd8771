import { expect } from 'vitest';
import { ClientAddresses } from '../../../src/tracker/frontends/client-address/index.ts';
import { AcceptedConnections } from '../../../src/tracker/frontends/http/accepted-connections.ts';
import type { HttpPort } from '../../../src/tracker/frontends/http/http-port.ts';
import { ConnectionTurns } from '../../../src/tracker/frontends/http/index.ts';
import { AddressLimits } from '../../../src/tracker/guard/rate-limit/index.ts';
import { createCounters } from '../../../src/tracker/metrics/index.ts';
import type { Clock } from '../../../src/util/index.ts';

/** A port without limits, proxies and TLS, which fails a test that asks for something else than a given part of it. */
export function testPort(given: Partial<HttpPort> & { readonly clock: Clock }): HttpPort {
  const fail = (): never => expect.fail('nobody has asked for that');
  const rateLimits = new AddressLimits({ requestsPerSecond: 0, requestBurst: 1, connectionsPerAddress: 0 });
  const clientAddresses = new ClientAddresses([]);
  const { http: counters, refusals } = createCounters(given.clock);
  return {
    report: fail,
    rateLimits,
    counters,
    clientAddresses,
    webSockets: { isOn: false, upgrade: fail },
    answer: fail,
    connections: new AcceptedConnections(1000, { rateLimits, clientAddresses, refusals }),
    turns: new ConnectionTurns(8, fail),
    handshakes: new ConnectionTurns(1, fail),
    tls: undefined,
    isDraining: false,
    mayPrecedeHttp: () => false,
    serveWeb: fail,
    ...given,
  };
}
