import assert from 'node:assert/strict';
import {
  BencodeCursor,
  BencodeDictionary,
  BencodeError,
  type BencodeValue,
  decode,
  decodePrefix,
  encode,
} from '../../../src/bencode/index.ts';
import { equalBytes } from '../../../src/util/index.ts';
import { bytesOf, type FuzzTarget } from '../fuzz-target.ts';

const CORPUS = [
  'i0e',
  'i-42e',
  'i9223372036854775807e',
  '0:',
  '4:spam',
  'le',
  'l4:spami3ee',
  'd3:cow3:moo4:spamd1:al1:beee',
  'd8:completei5e10:incompletei7e8:intervali1800e5:peers12:\x7f\0\0\x01\x1a\xe1\x0a\0\0\x01\x1a\xe1e',
  'd0:i1e1:\xffle2:\xff\0dee',
  'lllllllleeeeeeee',
].map(bytesOf);

/** @see `decode()`: it throws BencodeError alone, and what it takes has one form, which `encode()` writes. */
const strict: FuzzTarget = {
  name: 'bencode',
  corpus: () => CORPUS,
  form: 'bencode',
  refusals: [BencodeError],
  run(input) {
    const value = decode(input);
    assert.ok(equalBytes(encode(value), input), 'what was read is written in another way');
    checkSpans(value, input);
    return true;
  },
};

/** The reader that takes what other programs write, too: whatever it takes can be written and read again. */
const lenient: FuzzTarget = {
  name: 'bencode-lenient',
  corpus: () => CORPUS,
  form: 'bencode',
  refusals: [BencodeError],
  run(input) {
    const { value, end } = decodePrefix(input, { lenient: true });
    assert.ok(end <= input.length);
    checkSpans(value, input);
    const written = encode(value);
    assert.ok(equalBytes(encode(decode(written)), written), 'what was written is read in another way');
    return true;
  },
};

/** Checks that each key of a dictionary is found again in the input, and that the cursor reads what the decoder did. */
function checkSpans(value: BencodeValue, input: Uint8Array): void {
  if (!(value instanceof BencodeDictionary)) return;
  for (const [key, entry] of value) {
    const { start, end } = value.spanOf(key)!;
    assert.ok(start < end && end <= input.length);
    const cursor = new BencodeCursor(input, start);
    if (typeof entry === 'number') assert.equal(cursor.readInteger(), entry);
    else if (entry instanceof Uint8Array) assert.ok(equalBytes(cursor.readBytes()!, entry));
    else cursor.skip();
  }
}

export const bencodeTargets: readonly FuzzTarget[] = [strict, lenient];
