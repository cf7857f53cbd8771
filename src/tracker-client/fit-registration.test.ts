import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  MAX_INLINE_METAINFO_BYTES,
  MAX_OPEN_REGISTRATION_BYTES,
  registrationSchema,
} from '../tracker-protocol/index.ts';
import { fitFirstRegistration, fitRegistration } from './fit-registration.ts';

const seeder = { port: 9911, peerId: 'ab'.repeat(20) };
const torrent = (name: string, metainfo: Uint8Array) => ({
  infoHash: '0'.repeat(40),
  name,
  size: 1,
  sha256: '1'.repeat(64),
  metainfo,
});

test('fitRegistration() keeps to the limit, and leaves out only the largest metainfos', () => {
  const metainfos = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 });
  fc.assert(
    fc.property(metainfos, fc.nat(5000), (list, room) => {
      const offered = list.map((metainfo, at) => torrent(`é ${at}`, metainfo));
      const bare = JSON.stringify(fitRegistration(seeder, offered, 0)).length + 2 * offered.length;
      const registration = fitRegistration(seeder, offered, bare + room);
      expect(Buffer.byteLength(JSON.stringify(registration))).toBeLessThanOrEqual(bare + room);
      expect(registrationSchema.parse(JSON.parse(JSON.stringify(registration)))).toEqual(registration);
      const lengths = (carried: boolean) =>
        list
          .filter((_, at) => (registration.torrents[at]!.metainfo !== undefined) === carried)
          .map((m) => m.length);
      expect(Math.max(0, ...lengths(true))).toBeLessThanOrEqual(Math.min(1000, ...lengths(false)));
    }),
  );
});

test('fitRegistration() carries every metainfo when there is room', () => {
  const { torrents } = fitRegistration(seeder, [
    torrent('a', Uint8Array.of(1, 2)),
    torrent('b', Buffer.from('de')),
  ]);
  expect(torrents.map(({ metainfo }) => metainfo)).toEqual(['AQI=', 'ZGU=']);
});

test('fitRegistration() leaves out a metainfo that is too large for the tracker', () => {
  const { torrents } = fitRegistration(seeder, [torrent('a', new Uint8Array(MAX_INLINE_METAINFO_BYTES + 1))]);
  expect(torrents[0]!.metainfo).toBeUndefined();
});

test('fitFirstRegistration() gives a short list as a whole', () => {
  const large = torrent('large', new Uint8Array(MAX_INLINE_METAINFO_BYTES + 1));
  const offered = [torrent('a', Uint8Array.of(1, 2)), large];
  expect(fitFirstRegistration(seeder, offered)).toEqual({
    registration: fitRegistration(seeder, offered),
    isWhole: true,
  });
});

test('fitFirstRegistration() gives the first part of a list that is too long, and is not whole', () => {
  const offered = Array.from({ length: 100_000 }, (_, at) => torrent(String(at), new Uint8Array(10)));
  const { registration, isWhole } = fitFirstRegistration(seeder, offered);
  expect(isWhole).toBe(false);
  const { length } = registration.torrents;
  expect(length).toBeGreaterThan(20_000);
  expect(registration.torrents.at(-1)!.name).toBe(String(length - 1));
  expect(Buffer.byteLength(JSON.stringify(registration))).toBeLessThanOrEqual(MAX_OPEN_REGISTRATION_BYTES);
});

test('fitFirstRegistration() is not whole when it leaves out a metainfo that a later call has room for', () => {
  const offered = Array.from({ length: 100 }, (_, at) => torrent(String(at), new Uint8Array(100_000)));
  const { registration, isWhole } = fitFirstRegistration(seeder, offered);
  expect([registration.torrents.length, isWhole]).toEqual([100, false]);
});
