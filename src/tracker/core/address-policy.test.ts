import { expect, test } from 'vitest';
import { formatIp, parseIp } from '../../util/index.ts';
import { claimantOf, reachableHost } from './address-policy.ts';

test.each([
  ['203.0.113.7', undefined, '203.0.113.7'],
  ['203.0.113.7', '203.0.113.7', '203.0.113.7'],
  ['2001:db8::7', '2001:0db8:0::7', '2001:db8::7'],
  ['127.0.0.1', '192.168.1.5', '192.168.1.5'],
  ['10.0.0.1', 'fd00::1', 'fd00::1'],
  ['203.0.113.7', '198.51.100.1', undefined],
  ['203.0.113.7', '192.168.1.5', undefined],
  ['127.0.0.1', '198.51.100.1', undefined],
  ['127.0.0.1', 'localhost', undefined],
  ['127.0.0.1', '', undefined],
])('reachableHost() for a request from %s that claims %s is %s', (clientAddress, claimed, host) => {
  expect(reachableHost(clientAddress, claimed)).toBe(host);
});

test('claimantOf() is the client, and the same for all addresses of this machine', () => {
  const of = (host: string) => formatIp(claimantOf({ host, ip: parseIp(host)! }));
  expect(['127.0.0.1', '127.8.8.8', '::1'].map(of)).toEqual(['127.0.0.1', '127.0.0.1', '127.0.0.1']);
  expect(['10.0.0.1', 'fd00::1'].map(of)).toEqual(['10.0.0.1', 'fd00::1']);
});
