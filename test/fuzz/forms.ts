import { BencodeDictionary, type BencodeValue, decodePrefix } from '../../src/bencode/index.ts';
import { latin1 } from '../../src/util/index.ts';
import type { FuzzForm } from './fuzz-target.ts';
import type { FuzzLeaf, FuzzValue } from './mutate-value.ts';

/** A form as the mutator of values sees it. */
interface Form {
  /** @returns `undefined` for what is not of the form */
  read(bytes: Uint8Array): FuzzValue | undefined;
  write(value: FuzzValue): Uint8Array;
  /** Leaves at limits. */
  readonly leaves: readonly FuzzLeaf[];
}

const TEXTS = [
  '',
  'a',
  '..',
  '.',
  '/',
  'a/../../b',
  '\0',
  '\u202e',
  '\ud800',
  '\u{1f600}',
  'con',
  'http://t.example/announce',
  'x'.repeat(255),
  'x'.repeat(1100),
];
const NUMBERS = [
  0,
  1,
  -1,
  2,
  255,
  256,
  16_384,
  65_535,
  65_536,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32 - 1,
  2 ** 32,
  Number.MAX_SAFE_INTEGER,
  Number.MIN_SAFE_INTEGER,
];

const bencode: Form = {
  read(bytes) {
    try {
      return toFuzzValue(decodePrefix(bytes, { lenient: true }).value);
    } catch {
      return undefined;
    }
  },
  write: (value) => Buffer.from(textOf(value), 'latin1'),
  leaves: [
    ...NUMBERS,
    2n ** 63n - 1n,
    -(2n ** 63n),
    2n ** 63n,
    ...TEXTS.map((text) => Buffer.from(text)),
    ...[1, 4, 6, 16, 18, 19, 20, 21, 32, 40, 64].map((length) => Buffer.alloc(length, 0xab)),
    Buffer.from('\xff\xfe', 'latin1'),
  ],
};

const json: Form = {
  read(bytes) {
    try {
      return JSON.parse(Buffer.from(bytes).toString(), (_, value: unknown) => toMap(value)) as FuzzValue;
    } catch {
      return undefined;
    }
  },
  write: (value) => Buffer.from(JSON.stringify(toPlain(value))),
  leaves: [
    ...NUMBERS,
    1.5,
    1e300,
    5e-324,
    true,
    false,
    null,
    ...TEXTS,
    '0'.repeat(40),
    'f'.repeat(64),
    'AAAA',
    '2026-11-30T00:00:00Z',
  ],
};

export const FORMS: Readonly<Record<FuzzForm, Form>> = { bencode, json };

function toFuzzValue(value: BencodeValue): FuzzValue {
  if (Array.isArray(value)) return value.map(toFuzzValue);
  if (!(value instanceof BencodeDictionary)) return value;
  return new Map(Array.from(value, ([key, entry]) => [key, toFuzzValue(entry)]));
}

/** Writes bencode with its keys in order, but without any limit. @returns one character for each byte */
function textOf(value: FuzzValue): string {
  if (value instanceof Uint8Array) return `${value.length}:${latin1(value, 0, value.length)}`;
  if (typeof value === 'string') return textOf(Buffer.from(value));
  if (Array.isArray(value)) return `l${value.map(textOf).join('')}e`;
  if (!(value instanceof Map)) return `i${String(value)}e`;
  const sorted = [...value].sort(([a], [b]) => (a < b ? -1 : 1));
  return `d${sorted.map(([key, entry]) => `${key.length}:${key}${textOf(entry)}`).join('')}e`;
}

/** Makes maps of objects, so that any key can stand in them. */
function toMap(value: unknown): unknown {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? new Map(Object.entries(value))
    : value;
}

function toPlain(value: FuzzValue): unknown {
  if (Array.isArray(value)) return value.map(toPlain);
  if (value instanceof Map)
    return Object.fromEntries(Array.from(value, ([key, entry]) => [key, toPlain(entry)]));
  return typeof value === 'bigint' ? Number(value) : value;
}
