import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatIp, parseIp } from '../../../util/index.ts';
import { MAX_PROXY_HEADER_BYTES, type ProxyHeader, readProxyHeader } from './proxy-header.ts';

const SIGNATURE = '0d0a0d0a000d0a515549540a';
const rest = fc.uint8Array({ maxLength: 20 });
const address = fc.oneof(fc.ipV4(), fc.ipV6()).map((text) => formatIp(parseIp(text)!));
const port = fc.integer({ min: 0, max: 65_535 });

function version2(command: number, family: number, body: Uint8Array): Buffer {
  const head = Buffer.from(`${SIGNATURE}0000${body.length.toString(16).padStart(4, '0')}`, 'hex');
  head[12] = command;
  head[13] = family;
  return Buffer.concat([head, body]);
}

/** As a proxy writes it, in either version. */
function headerOf(source: string, version: 1 | 2, sourcePort: number, tlvs: Uint8Array): Buffer {
  const ip = parseIp(source)!;
  const isIPv4 = ip.length === 4;
  const target = isIPv4 ? '192.0.2.9' : '2001:db8::9';
  if (version === 1)
    return Buffer.from(`PROXY TCP${isIPv4 ? 4 : 6} ${source} ${target} ${sourcePort} 443\r\n`);
  const body = Buffer.concat([ip, parseIp(target)!, Buffer.of(sourcePort >> 8, sourcePort, 1, 187), tlvs]);
  return version2(0x21, isIPv4 ? 0x11 : 0x21, body);
}

const read = (text: string) => readProxyHeader(Buffer.from(text, 'latin1'));

describe('readProxyHeader()', () => {
  test('readProxyHeader() finds the client of the proxy, however the header is divided, and leaves what follows', () => {
    fc.assert(
      fc.property(
        address,
        fc.constantFrom(1 as const, 2 as const),
        port,
        rest,
        rest,
        (source, version, port, tlvs, next) => {
          const header = headerOf(source, version, port, tlvs);
          for (let length = 0; length < header.length; length += 1) {
            expect(readProxyHeader(header.subarray(0, length))).toBe('more');
          }
          const { bytes, source: found } = readProxyHeader(Buffer.concat([header, next])) as ProxyHeader;
          expect([bytes, formatIp(found!)]).toEqual([header.length, source]);
        },
      ),
    );
  });

  test('readProxyHeader() reads IPv4 addresses that are written as IPv6 ones, in either version', () => {
    const mapped = Buffer.from('00000000000000000000ffffc0000201', 'hex');
    const body = Buffer.concat([mapped, mapped, Buffer.alloc(4)]);
    const version1 = 'PROXY TCP6 ::ffff:192.0.2.1 ::ffff:192.0.2.9 1 2\r\n';
    for (const header of [version2(0x21, 0x21, body), Buffer.from(version1)]) {
      const { source } = readProxyHeader(header) as ProxyHeader;
      expect([...source!]).toEqual([192, 0, 2, 1]);
    }
  });

  test.each(['GET / HTTP/1.1', 'POST', 'PRI * HTTP/2.0', 'PROPFIND /', '\r\n\r\nGET', '\x16\x03\x01', 'x'])(
    'readProxyHeader() finds none in %j',
    (text) => expect(read(text)).toBe('none'),
  );

  test('readProxyHeader() accepts a proxy that speaks for itself, or names no client', () => {
    expect(read('PROXY UNKNOWN\r\nGET')).toEqual({ bytes: 15 });
    expect(read('PROXY UNKNOWN ffff::1 what ever\r\n')).toEqual({ bytes: 33 });
    expect(readProxyHeader(version2(0x20, 0x11, Buffer.alloc(12, 1)))).toEqual({ bytes: 28 });
    expect(readProxyHeader(version2(0x20, 0, Buffer.alloc(0)))).toEqual({ bytes: 16 });
    expect(readProxyHeader(version2(0x21, 0, Buffer.alloc(9)))).toEqual({ bytes: 25 });
  });

  test.each([
    ['PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r'.padEnd(200, 'x')],
    ['PROXY TCP4 192.0.2.1 192.0.2.2 1\r\n'],
    ['PROXY TCP4 192.0.2.1 192.0.2.2 1 2 3\r\n'],
    ['PROXY  TCP4 192.0.2.1 192.0.2.2 1 2\r\n'],
    ['PROXY TCP4 192.0.2.1  192.0.2.2 1 2\r\n'],
    ['PROXY TCP4 192.0.2.01 192.0.2.2 1 2\r\n'],
    ['PROXY TCP4 192.0.2.1 192.0.2.2 65536 2\r\n'],
    ['PROXY TCP4 192.0.2.1 192.0.2.2 01 2\r\n'],
    ['PROXY TCP4 2001:db8::1 192.0.2.2 1 2\r\n'],
    ['PROXY TCP6 192.0.2.1 2001:db8::1 1 2\r\n'],
    ['PROXY UDP4 192.0.2.1 192.0.2.2 1 2\r\n'],
    ['PROXY \r\n'],
  ])('readProxyHeader() refuses %j', (line) => {
    expect(() => read(line)).toThrow(expect.objectContaining({ code: 'BAD_PROXY_HEADER' }));
  });

  test.each([
    ['another version', version2(0x11, 0x11, Buffer.alloc(12))],
    ['another command', version2(0x22, 0x11, Buffer.alloc(12))],
    ['UDP', version2(0x21, 0x12, Buffer.alloc(12))],
    ['IPv4 cut short', version2(0x21, 0x11, Buffer.alloc(11))],
    ['IPv6 cut short', version2(0x21, 0x21, Buffer.alloc(35))],
    ['more than it may have', version2(0x21, 0x11, Buffer.alloc(MAX_PROXY_HEADER_BYTES)).subarray(0, 16)],
  ])('readProxyHeader() refuses a header of version 2 with %s', (_, bytes) => {
    expect(() => readProxyHeader(bytes)).toThrow(expect.objectContaining({ code: 'BAD_PROXY_HEADER' }));
  });

  test('readProxyHeader() throws ProxyHeaderError and nothing else, whatever the bytes', () => {
    const start = fc.constantFrom('', SIGNATURE, Buffer.from('PROXY TCP4 ').toString('hex'));
    fc.assert(
      fc.property(start, fc.uint8Array({ maxLength: 200 }), (start, bytes) => {
        try {
          readProxyHeader(Buffer.concat([Buffer.from(start, 'hex'), bytes]));
        } catch (error) {
          expect(error).toHaveProperty('name', 'ProxyHeaderError');
        }
      }),
    );
  });
});
