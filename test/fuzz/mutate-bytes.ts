import { type Random, randomBelow } from '../../src/util/index.ts';

/** The bytes at which parsers decide: limits, digits, and those that begin, end and separate values in the forms read here. */
const TELLING_BYTES: readonly number[] = Array.from(
  '\0\x01\x7f\x80\xfe\xff 09-+:;,.%&=?/\\\'"[]{}()<>@#*eildnft\r\n\t',
  (character) => character.charCodeAt(0),
);

/** Numbers at limits, for lengths, counts and times. */
const TELLING_NUMBERS = [
  '0',
  '-0',
  '00',
  '-1',
  '1',
  '127',
  '128',
  '255',
  '256',
  '65535',
  '65536',
  '2147483647',
  '2147483648',
  '4294967295',
  '4294967296',
  '9007199254740991',
  '9007199254740992',
  '9223372036854775807',
  '9223372036854775808',
  '-9223372036854775808',
  '18446744073709551615',
  '99999999999999999999',
  '1e999',
  '1.5',
  '9'.repeat(400),
];

/** The texts that begin a value within a value. */
const OPENERS = ['l', 'd', 'd1:a', '[', '{"a":', '[[', '(', '{'];

/** Depths around the limits of parsers. */
const DEPTHS = [1, 2, 7, 8, 9, 15, 16, 17, 63, 64, 65, 100];

/** The most times that a range or a token is repeated. */
const MAX_REPEATS = 2000;

type Mutation = (
  bytes: Buffer,
  random: Random,
  others: readonly Uint8Array[],
  tokens: readonly string[],
) => Buffer;

const MUTATIONS: readonly Mutation[] = [
  function flipBit(bytes, random) {
    const changed = Buffer.from(bytes);
    if (changed.length > 0) changed[randomBelow(random, changed.length)]! ^= 1 << randomBelow(random, 8);
    return changed;
  },
  function setByte(bytes, random) {
    const changed = Buffer.from(bytes);
    if (changed.length > 0) changed[randomBelow(random, changed.length)] = tellingByte(random);
    return changed;
  },
  function insertBytes(bytes, random) {
    const added = Buffer.from(Array.from({ length: 1 + randomBelow(random, 8) }, () => tellingByte(random)));
    return insert(bytes, randomBelow(random, bytes.length + 1), added);
  },
  function insertToken(bytes, random, _, tokens) {
    const token = tokens.length > 0 ? oneOf(random, tokens) : oneOf(random, TELLING_NUMBERS);
    return insert(bytes, randomBelow(random, bytes.length + 1), Buffer.from(token, 'latin1'));
  },
  function remove(bytes, random) {
    const { start, end } = someRange(bytes, random);
    return Buffer.concat([bytes.subarray(0, start), bytes.subarray(end)]);
  },
  function truncate(bytes, random) {
    return bytes.subarray(0, randomBelow(random, bytes.length + 1));
  },
  function repeatRange(bytes, random) {
    const { start, end } = someRange(bytes, random);
    const times =
      randomBelow(random, 20) === 0 ? randomBelow(random, MAX_REPEATS) : 1 + randomBelow(random, 4);
    return insert(bytes, end, Buffer.alloc(times * (end - start), bytes.subarray(start, end)));
  },
  function moveRange(bytes, random) {
    const { start, end } = someRange(bytes, random);
    const rest = Buffer.concat([bytes.subarray(0, start), bytes.subarray(end)]);
    return insert(rest, randomBelow(random, rest.length + 1), bytes.subarray(start, end));
  },
  function splice(bytes, random, others) {
    const other = Buffer.from(oneOf(random, others));
    return Buffer.concat([
      bytes.subarray(0, randomBelow(random, bytes.length + 1)),
      other.subarray(randomBelow(random, other.length + 1)),
    ]);
  },
  function replaceNumber(bytes, random) {
    const numbers = [...bytes.toString('latin1').matchAll(/-?\d+/g)];
    if (numbers.length === 0) return bytes;
    const { 0: digits, index } = oneOf(random, numbers);
    const nearby = String(Number(digits) + randomBelow(random, 5) - 2);
    const number = random.next() < 0.5 ? nearby : oneOf(random, TELLING_NUMBERS);
    const behind = bytes.subarray(index + digits.length);
    return Buffer.concat([bytes.subarray(0, index), Buffer.from(number), behind]);
  },
  function setInteger(bytes, random) {
    const size = oneOf(random, [2, 4, 8]);
    if (bytes.length < size) return bytes;
    const changed = Buffer.from(bytes);
    const at = randomBelow(random, changed.length - size + 1);
    const limit = oneOf(random, [0n, 1n, 0x7fn, 0x7fffn, 0x8000n, 0x7fff_ffffn, 0x8000_0000n, -1n, -2n]);
    const value = Buffer.alloc(8);
    value.writeBigInt64BE(limit);
    value.copy(changed, at, 8 - size);
    return changed;
  },
  function nest(bytes, random) {
    const opener = oneOf(random, OPENERS);
    const times = random.next() < 0.02 ? MAX_REPEATS : oneOf(random, DEPTHS);
    return insert(bytes, randomBelow(random, bytes.length + 1), Buffer.from(opener.repeat(times)));
  },
  function randomBytes(bytes, random) {
    const added = Buffer.from(
      Array.from({ length: randomBelow(random, 64) }, () => randomBelow(random, 256)),
    );
    return random.next() < 0.5 ? added : insert(bytes, randomBelow(random, bytes.length + 1), added);
  },
];

/**
 * Makes another input of one: flips, inserts, removes, repeats, moves and splices bytes, and puts limits in place of
 * numbers.
 *
 * @param others the whole corpus, from which it may take a part
 * @param tokens texts that it may insert
 */
export function mutateBytes(
  bytes: Uint8Array,
  random: Random,
  others: readonly Uint8Array[],
  tokens: readonly string[],
): Uint8Array {
  let mutated = Buffer.from(bytes);
  // One change keeps most of the form, and many changes reach what one cannot.
  do mutated = Buffer.from(oneOf(random, MUTATIONS)(mutated, random, others, tokens));
  while (random.next() < 0.5);
  return mutated;
}

/** Picks one of some items. */
export function oneOf<Item>(random: Random, items: readonly Item[]): Item {
  return items[randomBelow(random, items.length)]!;
}

/** Makes a byte at which parsers decide, or any other. */
function tellingByte(random: Random): number {
  return random.next() < 0.7 ? oneOf(random, TELLING_BYTES) : randomBelow(random, 256);
}

/** Picks a range, which is short in most cases. */
function someRange(bytes: Buffer, random: Random): { readonly start: number; readonly end: number } {
  const start = randomBelow(random, bytes.length + 1);
  const longest = random.next() < 0.8 ? Math.min(32, bytes.length - start) : bytes.length - start;
  return { start, end: start + randomBelow(random, longest + 1) };
}

function insert(bytes: Buffer, at: number, added: Uint8Array): Buffer {
  return Buffer.concat([bytes.subarray(0, at), added, bytes.subarray(at)]);
}
