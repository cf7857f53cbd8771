import { expect, test } from 'vitest';
import { type Origin, originOf } from './origin.ts';

test.each([
  ['one IPv4 address', '192.0.2.7', '192.0.2.7', ['site', 'network', 'budgetKey']],
  ['one IPv4 address, written as IPv6,', '192.0.2.7', '::ffff:192.0.2.7', ['site', 'network', 'budgetKey']],
  ['one IPv4 /24', '192.0.2.7', '192.0.2.8', ['network']],
  ['two IPv4 /24', '192.0.2.7', '192.0.3.7', []],
  ['one IPv6 /64', '2001:db8:1:2:3::4', '2001:db8:1:2:5::6', ['site', 'network', 'budgetKey']],
  ['one IPv6 /48', '2001:db8:1:2::3', '2001:db8:1:4::3', ['network', 'budgetKey']],
  ['two IPv6 /48', '2001:db8:1::1', '2001:db8:2::1', []],
  ['one host with a zone', 'fe80::1%eth0', 'fe80::1%eth0', ['site', 'network', 'budgetKey']],
  ['two hosts with a zone', 'fe80::1%eth0', 'fe80::1%eth1', []],
] as const)('originOf() of %s has equal keys for what they share', (_, one, other, shared) => {
  const [first, second] = [originOf(one), originOf(other)];
  const keys = Object.keys(first) as (keyof Origin)[];
  expect(keys.filter((key) => first[key] === second[key])).toEqual(shared);
});
