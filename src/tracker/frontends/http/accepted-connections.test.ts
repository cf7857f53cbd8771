import { expect, test } from 'vitest';
import { clientAddressOf } from '../../core/index.ts';
import { AddressLimits, TLS_HANDSHAKE_COST } from '../../guard/rate-limit/index.ts';
import { createRefusalCounters } from '../../metrics/index.ts';
import { ClientAddresses, parseProxies } from '../client-address/index.ts';
import { AcceptedConnections } from './accepted-connections.ts';
import type { HttpConnection } from './http-connection.ts';

function accepted(max: number, requestBurst = 1000): AcceptedConnections {
  return new AcceptedConnections(max, {
    rateLimits: new AddressLimits({ requestsPerSecond: 1, requestBurst, connectionsPerAddress: 0 }),
    clientAddresses: new ClientAddresses(parseProxies(['192.0.2.1'])),
    refusals: createRefusalCounters(),
  });
}

function openConnection(deadline: number, cut: () => void, isBusy = false): HttpConnection {
  return { deadline, isBusy, check: () => {}, drain: () => {}, cut };
}

test('mayShakeHands() counts a TLS handshake as several new connections before it begins', () => {
  const connections = accepted(1000, 3 * TLS_HANDSHAKE_COST);
  const shakesHands = (address: string): boolean => {
    const client = connections.admit(clientAddressOf(address), 0);
    return client !== undefined && connections.mayShakeHands(client, 0);
  };
  const shaken = Array.from({ length: 20 }, () => shakesHands('10.0.0.1'));
  expect(shaken.filter(Boolean)).toHaveLength(3);
  expect(shakesHands('10.0.0.2')).toBe(true);
});

test('name() counts a connection for the client that a proxy names, which gives way like others', () => {
  const connections = accepted(3);
  const cut: string[] = [];
  const connect = (address: string, rank: number) => {
    const client = connections.admit(clientAddressOf('192.0.2.1'), 0)!;
    client.connection = openConnection(rank, () => cut.push(`${address} ${rank}`));
    expect(connections.name(client, clientAddressOf(address)!, 0)).toBe(true);
    return client;
  };
  connect('10.0.0.1', 1);
  connect('10.0.1.1', 9);
  connect('10.0.1.2', 7);
  const newest = connect('10.0.2.1', 1);
  expect(cut).toEqual(['10.0.1.2 7']);
  connections.release(newest);
  connect('10.0.2.2', 1);
  expect(cut).toHaveLength(1);
});

test('admit() makes an idle connection of an address give way to a new one, and never a busy one', () => {
  const connections = new AcceptedConnections(100, {
    rateLimits: new AddressLimits({ requestsPerSecond: 0, requestBurst: 1, connectionsPerAddress: 2 }),
    clientAddresses: new ClientAddresses([]),
    refusals: createRefusalCounters(),
  });
  const cut: number[] = [];
  const connect = (address: string, number: number, isBusy = false) => {
    const client = connections.admit(clientAddressOf(address), 0);
    if (client === undefined) return undefined;
    client.connection = openConnection(number, () => cut.push(number), isBusy);
    return client;
  };
  const [first] = [connect('192.0.2.1', 1), connect('192.0.2.2', 2), connect('192.0.2.1', 3, true)];
  connect('192.0.2.1', 4, true);
  expect(cut).toEqual([1]);
  // Its end comes later, and counts no more.
  connections.release(first!);
  expect(connect('192.0.2.1', 5)).toBeUndefined();
  expect(connect('192.0.2.2', 6)).toBeDefined();
  expect(cut).toEqual([1]);
});
