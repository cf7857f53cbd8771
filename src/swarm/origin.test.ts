import { expect, test } from 'vitest';
import { originOf } from './origin.ts';

test.each([
  ['192.0.2.7', { site: '192.0.2.7', network: '192.0.2.0/24', stranger: '192.0.2.7' }],
  [
    '2001:db8:1:2:3::4',
    { site: '2001:db8:1:2::/64', network: '2001:db8:1::/48', stranger: '2001:db8:1::/48' },
  ],
  ['fe80::1%eth0', { site: 'fe80::1%eth0', network: 'fe80::1%eth0', stranger: 'fe80::1%eth0' }],
])('originOf() names the site and the network of %s, and who it counts as', (host, origin) => {
  expect(originOf(host)).toEqual(origin);
});
