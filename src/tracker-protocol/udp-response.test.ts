import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeCompactAddress } from '../util/index.ts';
import { TrackerResponseError } from './tracker-response.ts';
import { MAX_UDP_RESPONSE_BYTES, MAX_UDP_SCRAPE_INFO_HASHES } from './udp-format.ts';
import {
  decodeUdpResponse,
  type IpFamily,
  udpTransactionId,
  writeUdpAnnounceResponse,
  writeUdpConnectResponse,
  writeUdpError,
  writeUdpScrapeResponse,
} from './udp-response.ts';

const TRANSACTION_ID = 0xfedcba98;
const target = Buffer.alloc(MAX_UDP_RESPONSE_BYTES);
const uint32 = fc.integer({ min: 0, max: 0xffff_ffff });
const families = fc.constantFrom<IpFamily>(4, 6);

function compactPeers(family: IpFamily, count: number): { ipv4: Buffer; ipv6: Buffer } {
  const own = Array.from(
    { length: count },
    (_, at) => encodeCompactAddress({ host: family === 4 ? '192.0.2.1' : '2001:db8::1', port: at + 1 })!,
  );
  const other = encodeCompactAddress({ host: family === 4 ? '2001:db8::2' : '192.0.2.2', port: 1 })!;
  const [ipv4, ipv6] = family === 4 ? [Buffer.concat(own), other] : [other, Buffer.concat(own)];
  return { ipv4: Buffer.from(ipv4), ipv6: Buffer.from(ipv6) };
}

describe('writeUdpAnnounceResponse()', () => {
  test('writeUdpAnnounceResponse() writes peers of one address family, which decodeUdpResponse() reads', () => {
    const numbers = fc.record({ interval: uint32, complete: uint32, incomplete: uint32 });
    fc.assert(
      fc.property(numbers, families, fc.nat(60), (numbers, family, count) => {
        const response = { ...numbers, peers: compactPeers(family, count) };
        const length = writeUdpAnnounceResponse(target, TRANSACTION_ID, response, family);
        const packet = target.subarray(0, length);
        expect(udpTransactionId(packet)).toBe(TRANSACTION_ID);
        const host = family === 4 ? '192.0.2.1' : '2001:db8::1';
        const peers = Array.from({ length: count }, (_, at) => ({ host, port: at + 1 }));
        expect(decodeUdpResponse(packet, family)).toEqual({
          action: 'announce',
          response: { ...numbers, peers },
        });
      }),
    );
  });

  test.each([
    [4, 202, 20 + 202 * 6],
    [6, 67, 20 + 67 * 18],
  ] as const)('writeUdpAnnounceResponse() over IPv%i writes at most %i peers', (family, most, length) => {
    for (const count of [most, most + 1, 1000]) {
      const response = { interval: 1, peers: compactPeers(family, count) };
      expect(writeUdpAnnounceResponse(target, 1, response, family)).toBe(length);
    }
    expect(length).toBeLessThanOrEqual(MAX_UDP_RESPONSE_BYTES);
  });
});

describe('writeUdpScrapeResponse()', () => {
  test('writeUdpScrapeResponse() writes up to 74 entries, which decodeUdpResponse() reads', () => {
    const entry = fc.record({ complete: uint32, downloaded: uint32, incomplete: uint32 });
    fc.assert(
      fc.property(fc.array(entry, { maxLength: MAX_UDP_SCRAPE_INFO_HASHES, size: 'max' }), (entries) => {
        const length = writeUdpScrapeResponse(target, 1, entries);
        expect(length).toBe(8 + 12 * entries.length);
        expect(decodeUdpResponse(target.subarray(0, length), 4)).toEqual({ action: 'scrape', entries });
      }),
    );
  });
});

describe('decodeUdpResponse()', () => {
  test('decodeUdpResponse() copies a connection id', () => {
    const length = writeUdpConnectResponse(target, 1);
    target.set([1, 2, 3, 4, 5, 6, 7, 8], 8);
    const response = decodeUdpResponse(target.subarray(0, length), 4);
    target.fill(0);
    expect(response).toEqual({ action: 'connect', connectionId: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8) });
  });

  test('decodeUdpResponse() reads an error without control characters', () => {
    const length = writeUdpError(target, 1, 'not\u001bhere\0');
    const expected = { action: 'error', failure: { failureReason: 'not here' } };
    expect(decodeUdpResponse(target.subarray(0, length), 4)).toEqual(expected);
  });

  test('writeUdpError() cuts a message that is too long for a packet', () => {
    expect(writeUdpError(target, 1, 'ä'.repeat(5000))).toBeLessThanOrEqual(MAX_UDP_RESPONSE_BYTES);
  });

  test('decodeUdpResponse() throws TrackerResponseError and nothing else, whatever the packet', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 8, maxLength: 64 }),
        fc.nat(4),
        families,
        (bytes, action, family) => {
          const packet = Buffer.from(bytes);
          packet.writeUInt32BE(action, 0);
          try {
            decodeUdpResponse(packet, family);
          } catch (thrown) {
            expect(thrown).toBeInstanceOf(TrackerResponseError);
          }
        },
      ),
    );
  });

  test('udpTransactionId() is undefined for a packet that is too short', () => {
    expect(udpTransactionId(Buffer.alloc(7))).toBeUndefined();
  });
});
