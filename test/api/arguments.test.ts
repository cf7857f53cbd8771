import { expect, test } from 'vitest';
import * as bencode from '../../src/bencode/index.ts';
import * as metainfo from '../../src/metainfo/index.ts';
import * as wire from '../../src/wire/index.ts';

/** Calls as JavaScript does, where nobody checks types. */
const untyped = (call: unknown) => call as (...args: readonly unknown[]) => unknown;
const construct = (of: unknown) => {
  const Any = of as new (...args: readonly unknown[]) => unknown;
  return (...args: readonly unknown[]) => new Any(...args);
};
const peerId = new Uint8Array(20);

test.each<
  [name: string, call: (...args: readonly unknown[]) => unknown, args: readonly unknown[], says: string]
>([
  ['decode()', untyped(bencode.decode), ['i5e'], 'bytes must be a Uint8Array, found the string "i5e"'],
  ['decode()', untyped(bencode.decode), [], 'bytes must be a Uint8Array, found undefined'],
  ['parseMetainfo()', untyped(metainfo.parseMetainfo), ['a.torrent'], 'bytes must be a Uint8Array'],
  [
    'parseMetainfo()',
    untyped(metainfo.parseMetainfo),
    [peerId, true],
    'options must be an object, found true',
  ],
  ['createMetainfo()', untyped(metainfo.createMetainfo), [], 'torrent must be an object, found undefined'],
  ['createMetainfo()', untyped(metainfo.createMetainfo), [{ version: 1 }], 'version must be one of "v1"'],
  [
    'encodeHandshake()',
    untyped(wire.encodeHandshake),
    [{ infoHash: 'abc', peerId }],
    'infoHash must be an info-hash of 40',
  ],
  ['encodeHandshake()', untyped(wire.encodeHandshake), [], 'handshake must be an object'],
  [
    'encodeHave()',
    untyped(wire.encodeHave),
    ['5'],
    'index must be a whole number from 0 to 4294967295, found the string "5"',
  ],
  [
    'encodeHave()',
    untyped(wire.encodeHave),
    [-1],
    'index must be a whole number from 0 to 4294967295, found the number -1',
  ],
  ['encodeCancel()', untyped(wire.encodeCancel), [{ index: 1, begin: 0 }], 'length must be a whole number'],
  ['MessageParser()', construct(wire.MessageParser), ['5'], 'pieceCount must be a whole number'],
  ['PeerSession()', construct(wire.PeerSession), [], 'options must be an object'],
])('%s of an argument of the wrong type names it: %#', (_name, call, args, says) => {
  expect(() => call(...args)).toThrow(
    expect.objectContaining({ code: 'BAD_ARGUMENT', message: expect.stringContaining(says) }),
  );
});

test.each([new Set([1]), new Date(0), new ArrayBuffer(2), null, true, undefined, () => {}])(
  'encode() refuses what has no form in bencode, instead of an empty dictionary: %s',
  (value) => {
    expect(() => untyped(bencode.encode)(value)).toThrow(expect.objectContaining({ code: 'NOT_ENCODABLE' }));
  },
);
