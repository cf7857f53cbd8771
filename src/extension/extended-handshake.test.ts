import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encode } from '../bencode/index.ts';
import { formatIp } from '../util/index.ts';
import { decodeExtendedHandshake } from './decode-extended-handshake.ts';
import { type ExtendedHandshake, encodeExtendedHandshake } from './extended-handshake.ts';
import { ExtensionError } from './extension-error.ts';
import { MAX_EXTENDED_HANDSHAKE_BYTES, MAX_EXTENSIONS, MAX_METADATA_BYTES, MAX_REQQ } from './limits.ts';

const ip = (bytes: number): fc.Arbitrary<string> =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map(formatIp);

const handshakes: fc.Arbitrary<ExtendedHandshake> = fc.record(
  {
    extensions: fc
      .array(fc.tuple(fc.stringMatching(/^[a-z]{2}_[a-z]{1,10}$/), fc.integer({ min: 1, max: 255 })))
      .map((entries) => new Map(entries)),
    port: fc.integer({ min: 1, max: 65_535 }),
    version: fc.stringMatching(/^[ -~µ]{1,40}$/),
    yourIp: fc.oneof(ip(4), ip(16)),
    ipv4: ip(4),
    ipv6: fc.constantFrom('2001:db8::1', '::1', 'fe80::7'),
    reqq: fc.integer({ min: 1, max: MAX_REQQ }),
    uploadOnly: fc.boolean(),
    metadataSize: fc.integer({ min: 1, max: MAX_METADATA_BYTES }),
  },
  { requiredKeys: ['extensions'] },
);

const decodeFields = (fields: Parameters<typeof encode>[0]): ExtendedHandshake =>
  decodeExtendedHandshake(encode(fields));

const nothing: ExtendedHandshake = { extensions: new Map() };

describe('encodeExtendedHandshake()', () => {
  test('writes a handshake that decodeExtendedHandshake() reads back', () => {
    fc.assert(
      fc.property(handshakes, (handshake) => {
        expect(decodeExtendedHandshake(encodeExtendedHandshake(handshake))).toEqual(handshake);
      }),
    );
  });

  test('writes the keys of BEP 10, and leaves out absent fields', () => {
    const handshake = { extensions: new Map([['ut_pex', 1]]), port: 6881, uploadOnly: true };
    const text = Buffer.from(encodeExtendedHandshake(handshake)).toString('latin1');
    expect(text).toBe('d1:md6:ut_pexi1ee1:pi6881e11:upload_onlyi1ee');
  });

  test('leaves out an address with a zone', () => {
    const bytes = encodeExtendedHandshake({ extensions: new Map(), yourIp: 'fe80::1%eth0' });
    expect(decodeExtendedHandshake(bytes)).toEqual(nothing);
  });
});

describe('decodeExtendedHandshake()', () => {
  test('reads the example of BEP 10', () => {
    const text = 'd1:md11:LT_metadatai1e6:µT_PEXi2ee1:pi6881e1:v13:\xc2\xb5Torrent 1.2e';
    expect(decodeExtendedHandshake(Buffer.from(text, 'latin1'))).toEqual({
      extensions: new Map([
        ['LT_metadata', 1],
        ['µT_PEX', 2],
      ]),
      port: 6881,
      version: 'µTorrent 1.2',
    });
  });

  test('throws nothing but ExtensionError, whatever the bytes', () => {
    const mutated = fc
      .tuple(handshakes.map(encodeExtendedHandshake), fc.array(fc.tuple(fc.nat(), fc.nat(255))))
      .map(([bytes, changes]) => {
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        return bytes;
      });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), mutated), (bytes) => {
        try {
          decodeExtendedHandshake(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(ExtensionError);
        }
      }),
    );
  });

  test.each([
    ['an integer', encode(1)],
    ['nothing', new Uint8Array(0)],
    ['more than the limit', encode({ v: new Uint8Array(MAX_EXTENDED_HANDSHAKE_BYTES) })],
    ['too many values', encode({ m: new Array(5000).fill(0) })],
  ])('refuses %s', (_, bytes) => {
    expect(() => decodeExtendedHandshake(bytes)).toThrow(ExtensionError);
  });

  test.each([
    ['unsorted keys', 'd1:pi1e1:mdee'],
    ['bytes after the end', 'd1:pi1ee\r\n\0i1e'],
  ])('takes %s', (_, text) => {
    expect(decodeExtendedHandshake(Buffer.from(text))).toEqual({ ...nothing, port: 1 });
  });

  test.each([
    ['unknown', { encryption: 1, zz: [] }],
    ['of the wrong kind', { m: [], p: 'x', v: 1, yourip: 4, ipv4: 1, ipv6: [], reqq: 'x', upload_only: '' }],
    ['out of range', { p: 0, reqq: 0, metadata_size: -1, m: { ut_pex: 256, lt_x: -1 } }],
    ['beyond its limit', { p: 65_536, v: 'v'.repeat(129), metadata_size: MAX_METADATA_BYTES + 1 }],
    ['an address of the wrong length', { yourip: 'abc', ipv4: '0123456789abcdef', ipv6: 'abcd' }],
  ])('ignores a field that is %s', (_, fields) => {
    expect(decodeFields(fields)).toEqual(nothing);
  });

  test('keeps good fields beside a bad one', () => {
    expect(decodeFields({ p: -1, reqq: 250 })).toEqual({ ...nothing, reqq: 250 });
  });

  test('lowers a reqq above the limit to the limit', () => {
    expect(decodeFields({ reqq: MAX_REQQ + 1 })).toEqual({ ...nothing, reqq: MAX_REQQ });
  });

  test('removes invisible characters from the version', () => {
    expect(decodeFields({ v: 'Shoal\u001b[2J 1\n' }).version).toBe('Shoal[2J 1');
  });

  test('merges its fields into the handshake before', () => {
    const first = decodeFields({ m: { ut_pex: 1, ut_metadata: 2 }, p: 1, v: 'A' });
    const second = decodeExtendedHandshake(encode({ m: { ut_pex: 0, lt_donthave: 7 }, v: 'B' }), first);
    expect(second).toEqual({
      extensions: new Map([
        ['ut_metadata', 2],
        ['lt_donthave', 7],
      ]),
      port: 1,
      version: 'B',
    });
    expect(first.extensions.size).toBe(2);
  });

  test('keeps a bounded number of extensions over any number of handshakes', () => {
    let handshake = nothing;
    for (let at = 0; at < 2 * MAX_EXTENSIONS; at += 1) {
      handshake = decodeExtendedHandshake(encode({ m: { [`x_${at}`]: 1 } }), handshake);
    }
    expect(handshake.extensions.size).toBe(MAX_EXTENSIONS);
  });
});
