import { describe, expect, test } from 'vitest';
import { parseRedisAddress } from './redis-address.ts';

describe('parseRedisAddress()', () => {
  test.each([
    ['redis://h', { servers: [{ host: 'h', port: 6379 }], isCluster: false, tls: false }],
    ['redis://[::1]:7000/3', { servers: [{ host: '::1', port: 7000 }], isCluster: false, tls: false, db: 3 }],
    [
      'rediss://me:p%40ss@h:1',
      { servers: [{ host: 'h', port: 1 }], isCluster: false, tls: true, username: 'me', password: 'p@ss' },
    ],
    ['unix:/run/redis.sock', { servers: [{ path: '/run/redis.sock' }], isCluster: false, tls: false }],
    ['unix:///run/redis.sock', { servers: [{ path: '/run/redis.sock' }], isCluster: false, tls: false }],
    [
      'redis://:x@a:1, redis://b:2',
      {
        servers: [
          { host: 'a', port: 1 },
          { host: 'b', port: 2 },
        ],
        isCluster: true,
        tls: false,
        password: 'x',
      },
    ],
  ])('parseRedisAddress() reads %s', (text, expected) => {
    expect(parseRedisAddress(text)).toEqual(expected);
  });

  test('parseRedisAddress() takes one node for a cluster when told to', () => {
    expect(parseRedisAddress('redis://h', true)).toMatchObject({ isCluster: true });
  });

  test.each([
    ['', undefined],
    ['h:6379', undefined],
    ['http://h', undefined],
    ['redis://', undefined],
    ['unix:', undefined],
    ['redis://h/x', undefined],
    ['redis://a,rediss://b', undefined],
    ['redis://a,redis://b', false],
    ['redis://a,redis://b/1', true],
    ['redis://a/1', true],
    ['unix:/a', true],
  ])('parseRedisAddress() refuses %j as a cluster: %s', (text, isCluster) => {
    expect(() => parseRedisAddress(text, isCluster)).toThrow(expect.objectContaining({ code: 'BAD_OPTION' }));
  });

  test.each(['redis://me:100%@h', 'redis://%zz@h', 'redis://:%ff@h', 'unix:/run/%zz'])(
    'parseRedisAddress() refuses %j, whose escapes are none',
    (text) => {
      expect(() => parseRedisAddress(text)).toThrow(
        expect.objectContaining({ code: 'BAD_OPTION', message: expect.stringContaining('%25') }),
      );
    },
  );

  test('parseRedisAddress() does not tell the password', () => {
    expect(() => parseRedisAddress('redis://me:secret@h,redis://x:other@y/z')).toThrow(
      expect.objectContaining({ message: expect.not.stringMatching(/secret|other/) }),
    );
  });
});
