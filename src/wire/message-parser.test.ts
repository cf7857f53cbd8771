import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Bitfield, toHex, writeUint32 } from '../util/index.ts';
import type { BlockRequest } from './block.ts';
import type { HashRequest } from './hash-request.ts';
import { MAX_BLOCK_LENGTH, MAX_EXTENDED_BYTES, MAX_HASHES, MAX_UNKNOWN_BYTES } from './limits.ts';
import type { MessageHandler } from './message-handler.ts';
import { MessageId } from './message-id.ts';
import { MessageParser } from './message-parser.ts';
import * as writer from './message-writer.ts';
import { WireError } from './wire-error.ts';

const PIECES = 21;

/** Writes down every call; the parts of a block are joined, as how it is divided depends on the cuts. */
class Recorder implements MessageHandler {
  readonly calls: string[] = [];
  #block = '';
  #blockOffset = 0;

  onKeepAlive = this.#record('keepAlive');
  onChoke = this.#record('choke');
  onUnchoke = this.#record('unchoke');
  onInterested = this.#record('interested');
  onNotInterested = this.#record('notInterested');
  onHave = this.#record('have');
  onBitfield = this.#record('bitfield');
  onRequest = this.#record('request');
  onCancel = this.#record('cancel');
  onPort = this.#record('port');
  onSuggestPiece = this.#record('suggestPiece');
  onHaveAll = this.#record('haveAll');
  onHaveNone = this.#record('haveNone');
  onReject = this.#record('reject');
  onAllowedFast = this.#record('allowedFast');
  onExtended = this.#record('extended');
  onHashRequest = this.#record('hashRequest');
  onHashes = this.#record('hashes');
  onHashReject = this.#record('hashReject');
  onUnknown = this.#record('unknown');

  onBlockStart(index: number, begin: number, length: number): void {
    this.#block = `piece ${index} ${begin} ${length}`;
    this.#blockOffset = 0;
  }

  onBlockData(bytes: Uint8Array, offset: number): void {
    expect(bytes.length).toBeGreaterThan(0);
    expect(offset).toBe(this.#blockOffset);
    this.#blockOffset += bytes.length;
    this.#block += ` ${toHex(bytes)}`;
  }

  onBlockEnd(): void {
    const [, index, begin, length, ...parts] = this.#block.split(' ');
    this.calls.push(describeCall('piece', [index, begin, length, parts.join('')]));
  }

  #record(name: string): (...args: unknown[]) => void {
    return (...args) => {
      this.calls.push(describeCall(name, args));
    };
  }
}

function describeCall(name: string, args: readonly unknown[]): string {
  return [name, ...args.map(describeArgument)].join(' ');
}

function describeArgument(value: unknown): string {
  if (value instanceof Uint8Array) return toHex(value);
  if (typeof value === 'object' && value !== null)
    return Object.values(value).map(describeArgument).join(' ');
  return String(value);
}

interface Message {
  readonly bytes: Uint8Array;
  readonly call: string;
}

const uint32 = fc.integer({ min: 0, max: 0xffffffff });
const bytesUpTo = (maxLength: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ maxLength });
const hashBytes = (hashes: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength: 32 * hashes, maxLength: 32 * hashes });
const blocks: fc.Arbitrary<BlockRequest> = fc.record({ index: uint32, begin: uint32, length: uint32 });
const hashRequests: fc.Arbitrary<HashRequest> = fc.record({
  piecesRoot: hashBytes(1),
  baseLayer: uint32,
  index: uint32,
  length: uint32,
  proofLayers: uint32,
});

function message(name: string, encode: () => Uint8Array): fc.Arbitrary<Message> {
  return fc.constant({ bytes: encode(), call: name });
}

function messageOf<T>(
  name: string,
  of: fc.Arbitrary<T>,
  encode: (value: T) => Uint8Array,
): fc.Arbitrary<Message> {
  return of.map((value) => ({ bytes: encode(value), call: describeCall(name, [value]) }));
}

function pieceMessage({ index, begin }: BlockRequest, data: Uint8Array): Message {
  const header = writer.encodePieceHeader({ index, begin, length: data.length });
  return {
    bytes: Buffer.concat([header, data]),
    call: describeCall('piece', [index, begin, data.length, data]),
  };
}

function rawMessage(id: number, payload: Uint8Array): Uint8Array {
  const header = new Uint8Array(5);
  writeUint32(header, 0, 1 + payload.length);
  header[4] = id;
  return Buffer.concat([header, payload]);
}

const bitfields = fc.uniqueArray(fc.nat(PIECES - 1)).map((indices) => {
  const bitfield = new Bitfield(PIECES);
  for (const index of indices) bitfield.add(index);
  return bitfield;
});

const messages: fc.Arbitrary<Message> = fc.oneof(
  message('keepAlive', writer.encodeKeepAlive),
  message('choke', writer.encodeChoke),
  message('unchoke', writer.encodeUnchoke),
  message('interested', writer.encodeInterested),
  message('notInterested', writer.encodeNotInterested),
  message('haveAll', writer.encodeHaveAll),
  message('haveNone', writer.encodeHaveNone),
  messageOf('have', uint32, writer.encodeHave),
  bitfields.map((bitfield) => ({
    bytes: writer.encodeBitfield(bitfield),
    call: describeCall('bitfield', [bitfield.bytes]),
  })),
  messageOf('request', blocks, (block) => writer.encodeRequests([block])),
  messageOf('cancel', blocks, writer.encodeCancel),
  messageOf('reject', blocks, writer.encodeReject),
  messageOf('port', fc.integer({ min: 0, max: 65_535 }), writer.encodePort),
  messageOf('suggestPiece', uint32, writer.encodeSuggestPiece),
  messageOf('allowedFast', uint32, writer.encodeAllowedFast),
  messageOf('hashRequest', hashRequests, writer.encodeHashRequest),
  messageOf('hashReject', hashRequests, writer.encodeHashReject),
  fc.tuple(hashRequests, hashBytes(3)).map(([request, hashes]) => ({
    bytes: writer.encodeHashes(request, hashes),
    call: describeCall('hashes', [request, hashes]),
  })),
  fc.tuple(fc.nat(255), bytesUpTo(300)).map(([id, payload]) => ({
    bytes: writer.encodeExtended(id, payload),
    call: describeCall('extended', [id, payload]),
  })),
  fc.tuple(blocks, bytesUpTo(300)).map(([block, data]) => pieceMessage(block, data)),
  fc.tuple(fc.constantFrom(10, 18, 24, 255), bytesUpTo(300)).map(([id, payload]) => ({
    bytes: rawMessage(id, payload),
    call: describeCall('unknown', [id, payload.length]),
  })),
);

const cuts = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 20 });

/** Pushes the stream in parts of these sizes, each in memory of its own that is wiped afterwards. */
function pushInParts(
  parser: MessageParser,
  stream: Uint8Array,
  sizes: readonly number[],
  handler: MessageHandler,
) {
  for (let at = 0, part = 0; at < stream.length; part += 1) {
    const end = at + sizes[part % sizes.length]!;
    const bytes = Uint8Array.from(stream.subarray(at, end));
    parser.push(bytes, handler);
    bytes.fill(0xee);
    at = end;
  }
}

function codeOf(act: () => void): string {
  try {
    act();
  } catch (error) {
    if (error instanceof WireError) return error.code;
    throw error;
  }
  return 'nothing thrown';
}

describe('MessageParser', () => {
  test('hands out the messages that were written, however the stream is cut', () => {
    fc.assert(
      fc.property(fc.array(messages, { maxLength: 12 }), cuts, (written, sizes) => {
        const recorder = new Recorder();
        const stream = Buffer.concat(written.map(({ bytes }) => bytes));
        pushInParts(new MessageParser(PIECES), stream, sizes, recorder);
        expect(recorder.calls).toEqual(written.map(({ call }) => call));
      }),
    );
  });

  test('hands out many requests written into one buffer', () => {
    fc.assert(
      fc.property(fc.array(blocks), (batch) => {
        const recorder = new Recorder();
        new MessageParser(PIECES).push(writer.encodeRequests(batch), recorder);
        expect(recorder.calls).toEqual(batch.map((block) => describeCall('request', [block])));
      }),
    );
  });

  test('passes on each part of a block as it arrives', () => {
    const recorder = new Recorder();
    const offsets: number[] = [];
    recorder.onBlockData = (bytes, offset) => offsets.push(offset, bytes.length);
    const { bytes } = pieceMessage({ index: 1, begin: 2, length: 0 }, new Uint8Array(100));
    pushInParts(new MessageParser(PIECES), bytes, [13, 30, 50, 20], recorder);
    expect(offsets).toEqual([0, 30, 30, 50, 80, 20]);
  });

  test('throws nothing but WireError, and makes the same calls however any bytes are cut', () => {
    const mutated = fc
      .tuple(
        fc.array(messages, { minLength: 1 }),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }),
      )
      .map(([written, changes]) => {
        const stream = Buffer.concat(written.map(({ bytes }) => bytes));
        for (const [at, value] of changes) stream[at % stream.length] = value;
        return stream;
      });
    const play = (stream: Uint8Array, sizes: readonly number[]) => {
      const recorder = new Recorder();
      const code = codeOf(() => pushInParts(new MessageParser(PIECES), stream, sizes, recorder));
      return { code, calls: recorder.calls };
    };
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), mutated), cuts, (stream, sizes) => {
        expect(play(stream, sizes)).toEqual(play(stream, [stream.length + 1]));
      }),
      { numRuns: 200 },
    );
  });

  test.each([
    ['choke', MessageId.choke, 0],
    ['have', MessageId.have, 4],
    ['request', MessageId.request, 12],
    ['cancel', MessageId.cancel, 12],
    ['port', MessageId.port, 2],
    ['suggest piece', MessageId.suggestPiece, 4],
    ['have all', MessageId.haveAll, 0],
    ['reject', MessageId.reject, 12],
    ['allowed fast', MessageId.allowedFast, 4],
    ['hash request', MessageId.hashRequest, 48],
    ['hash reject', MessageId.hashReject, 48],
    ['bitfield', MessageId.bitfield, Math.ceil(PIECES / 8)],
  ])('refuses a %s of any length but its own', (_, id, payloadLength) => {
    for (const length of [payloadLength - 1, payloadLength + 1].filter((bytes) => bytes >= 0)) {
      const push = (): void =>
        new MessageParser(PIECES).push(rawMessage(id, new Uint8Array(length)), new Recorder());
      expect(codeOf(push)).toBe('BAD_LENGTH');
    }
  });

  test.each([
    ['piece', MessageId.piece, 7],
    ['extended', MessageId.extended, 0],
    ['hashes', MessageId.hashes, 47],
    ['hashes with half a hash', MessageId.hashes, 48 + 16],
  ])('refuses a %s that is too short', (_, id, payloadLength) => {
    const bytes = rawMessage(id, new Uint8Array(payloadLength));
    expect(codeOf(() => new MessageParser(PIECES).push(bytes, new Recorder()))).toBe('BAD_LENGTH');
  });

  test.each([
    ['piece', MessageId.piece, 9 + MAX_BLOCK_LENGTH],
    ['extended', MessageId.extended, MAX_EXTENDED_BYTES],
    ['hashes', MessageId.hashes, 49 + 32 * MAX_HASHES],
    ['unknown message', 99, MAX_UNKNOWN_BYTES],
  ])('refuses a %s beyond its limit as soon as its id is known', (_, id, limit) => {
    const header = (length: number): Uint8Array => {
      const bytes = new Uint8Array(5);
      writeUint32(bytes, 0, length);
      bytes[4] = id;
      return bytes;
    };
    const pushLength = (length: number): string =>
      codeOf(() => new MessageParser(PIECES).push(header(length), new Recorder()));
    expect(pushLength(limit)).toBe('nothing thrown');
    expect(pushLength(limit + 32)).toBe('MESSAGE_TOO_LARGE');
    expect(pushLength(0xffffffff)).not.toBe('nothing thrown');
  });

  test('reads the largest extended message in small parts', () => {
    const payload = new Uint8Array(MAX_EXTENDED_BYTES - 2).fill(7);
    const recorder = new Recorder();
    let length = 0;
    recorder.onExtended = (_, bytes) => {
      length = (bytes as Uint8Array).length;
    };
    const stream = Buffer.concat([writer.encodeExtended(3, payload), writer.encodeHave(5)]);
    pushInParts(new MessageParser(PIECES), stream, [1448], recorder);
    expect(length).toBe(payload.length);
    expect(recorder.calls).toEqual(['have 5']);
  });

  test('skips extended messages that are too long for their id, and holds no bytes of them, however the stream is cut', () => {
    const maxExtendedBytes = (id: number) => (id === 0 ? 10 : 0);
    const extended = fc.tuple(fc.nat(2), fc.uint8Array({ maxLength: 200 }));
    fc.assert(
      fc.property(fc.array(extended), cuts, (sent, sizes) => {
        const parser = new MessageParser(PIECES, { maxExtendedBytes });
        const recorder = new Recorder();
        const stream = Buffer.concat(sent.map(([id, payload]) => writer.encodeExtended(id, payload)));
        pushInParts(parser, stream, sizes, recorder);
        const calls = sent.map(([id, payload]) =>
          payload.length <= maxExtendedBytes(id)
            ? describeCall('extended', [id, payload])
            : describeCall('unknown', [20, payload.length + 1]),
        );
        expect(recorder.calls).toEqual(calls);
        expect([parser.heldBytes, parser.messageCount]).toEqual([0, sent.length]);
      }),
    );
  });

  test('heldBytes is the memory of an unfinished message, and 0 for an unfinished message that is skipped', () => {
    const begun = (id: number, extendedId: number) => {
      const parser = new MessageParser(PIECES, { maxExtendedBytes: (of) => (of === 0 ? 50_000 : 0) });
      const message = writer.encodeExtended(extendedId, new Uint8Array(40_000));
      message[4] = id;
      parser.push(message.subarray(0, 30_000), new Recorder());
      return parser.heldBytes;
    };
    expect(begun(MessageId.extended, 0)).toBeGreaterThanOrEqual(30_000);
    expect(begun(MessageId.extended, 0)).toBeLessThanOrEqual(60_000);
    expect(begun(MessageId.extended, 1)).toBe(0);
    expect(begun(99, 0)).toBe(0);
    const parser = new MessageParser(PIECES);
    parser.push(writer.encodeHave(1).subarray(0, 6), new Recorder());
    expect(parser.heldBytes).toBe(64);
  });

  test('ignores all bytes that come after an error', () => {
    const parser = new MessageParser(PIECES);
    const recorder = new Recorder();
    expect(codeOf(() => parser.push(rawMessage(MessageId.choke, new Uint8Array(1)), recorder))).toBe(
      'BAD_LENGTH',
    );
    parser.push(writer.encodeChoke(), recorder);
    expect(recorder.calls).toEqual([]);
  });

  test('makes no more calls once a handler has stopped it', () => {
    fc.assert(
      fc.property(fc.array(messages, { minLength: 1 }), cuts, fc.nat(10), (written, sizes, stopAfter) => {
        const parser = new MessageParser(PIECES);
        let calls = 0;
        const stopping = new Proxy(new Recorder(), {
          get: () => () => {
            calls += 1;
            if (calls > stopAfter) parser.stop();
          },
        });
        pushInParts(parser, Buffer.concat(written.map(({ bytes }) => bytes)), sizes, stopping);
        expect(calls).toBeLessThanOrEqual(stopAfter + 1);
      }),
    );
  });

  test('ignores all bytes that come after a handler threw', () => {
    const parser = new MessageParser(PIECES);
    const recorder = new Recorder();
    recorder.onChoke = () => {
      throw new RangeError('from the handler');
    };
    expect(() => parser.push(writer.encodeChoke(), recorder)).toThrow('from the handler');
    parser.push(writer.encodeUnchoke(), recorder);
    expect(recorder.calls).toEqual([]);
  });
});
