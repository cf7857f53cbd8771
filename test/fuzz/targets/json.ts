import assert from 'node:assert/strict';
import { encodeMetainfo } from '../../../src/metainfo/index.ts';
import { RegistryError } from '../../../src/tracker/errors/registry-error.ts';
import { JsonListReader } from '../../../src/tracker/frontends/web-api/json-list-reader.ts';
import { ProblemError } from '../../../src/tracker/frontends/web-api/problems.ts';
import { RegistrationReader } from '../../../src/tracker/frontends/web-api/registration-reader.ts';
import {
  type RegistryResponses,
  readAnswer,
  readProblem,
} from '../../../src/tracker-client/registry-response.ts';
import { ResponseShapeError } from '../../../src/tracker-client/response-shape-error.ts';
import { announceStatusFinding, statusFinding } from '../../../src/tracker-client/status-finding.ts';
import { JsonError, printable, readJson } from '../../../src/util/index.ts';
import { bytesOf, type FuzzTarget, jsonBytes } from '../fuzz-target.ts';
import { torrentOf } from './metainfo.ts';
import { partsOf } from './wire.ts';

const JSON_TOKENS = [
  '"torrents":[',
  '\\u0000',
  '\\',
  '"',
  '\ufeff',
  '__proto__',
  ',,',
  '[]',
  '{}',
  'e400',
  '-',
];
const LIMITS = { maxBytes: 20_000, maxDepth: 6, maxValues: 200 };

/** JSON from a stranger: what is read is within the limits, counted again in what was made of it. */
const json: FuzzTarget = {
  name: 'json',
  corpus: () => [
    jsonBytes({ a: [1, 2.5, -3e10, null, true, 'x"\\\u0001\u20ac'], b: { c: { d: [[]] } } }),
    jsonBytes([]),
    jsonBytes('text'),
    bytesOf(' { "a" : [ 1 , 2 ] } \n'),
    bytesOf('[[[[[[1]]]]]]'),
  ],
  form: 'json',
  tokens: JSON_TOKENS,
  refusals: [JsonError],
  run(input) {
    const { depth, values } = sizeOf(readJson(input, LIMITS));
    assert.ok(depth <= LIMITS.maxDepth, `${depth} deep`);
    assert.ok(values <= LIMITS.maxValues, `${values} values`);
    return true;
  },
};

function sizeOf(value: unknown): { readonly depth: number; readonly values: number } {
  if (typeof value !== 'object' || value === null) return { depth: 0, values: 1 };
  let [depth, values] = [0, 1];
  for (const entry of Object.values(value)) {
    const size = sizeOf(entry);
    depth = Math.max(depth, size.depth);
    values += size.values;
  }
  return { depth: depth + 1, values };
}

const TORRENT = {
  infoHash: '0123456789abcdef0123456789abcdef01234567',
  name: 'beach.jpg',
  size: 343_691,
  sha256: 'ab'.repeat(32),
};
const REGISTRATION = {
  port: 6881,
  peerId: '2d'.repeat(20),
  torrents: [TORRENT, { ...TORRENT, infoHash: 'ff'.repeat(20) }],
};

/** A list in an object, item by item: chunks give the same as the whole, and the same as `JSON.parse()`. */
const list: FuzzTarget = {
  name: 'json-list',
  corpus: () => [
    jsonBytes({ torrents: [1, 'two', { three: [3] }], port: 1 }),
    jsonBytes({ port: 1, torrents: [] }),
    bytesOf('{ "a" : { "torrents" : [ 1 ] } , "torrents" : [ 2 , "]" ] , "b" : [ "\\"" ] }'),
    jsonBytes({ torrents: [{ long: 'x'.repeat(300) }, 'y'.repeat(300)] }),
  ],
  form: 'json',
  tokens: JSON_TOKENS,
  refusals: [JsonError],
  run(input) {
    const whole = readList([input]);
    const inParts = readList(partsOf(input));
    // A long text that has come in part counts until it is known to be too long, and may be one too many.
    if (inParts.error?.code === 'TOO_LARGE') throw inParts.error;
    assert.equal(inParts.error?.message, whole.error?.message);
    assert.deepEqual([inParts.items, inParts.rest], [whole.items, whole.rest]);
    if (whole.error !== undefined) throw whole.error;
    // Texts that are too long are read as empty ones, and a name with an escape in it is not looked for.
    const text = Buffer.from(input).toString();
    if (input.length > MAX_TEXT_BYTES || text.includes('\\u')) return true;
    const parsed: unknown = JSON.parse(text);
    const { torrents } = Object(whole.rest) as { torrents?: unknown };
    assert.deepEqual(Object.keys(Object(whole.rest)), Object.keys(Object(parsed)));
    if (Array.isArray(torrents) && torrents.length === 0) {
      assert.deepEqual((parsed as { torrents: unknown }).torrents, whole.items);
    }
    return true;
  },
};

/** The length of the longest text in the list that is kept, in bytes. */
const MAX_TEXT_BYTES = 200;

interface ReadList {
  readonly items: readonly unknown[];
  readonly rest?: unknown;
  readonly error?: JsonError;
}

function readList(parts: Iterable<Uint8Array>): ReadList {
  const items: unknown[] = [];
  const reader = new JsonListReader({
    name: 'torrents',
    maxRestBytes: 1000,
    maxItems: 50,
    maxItemBytes: 500,
    maxTextBytes: MAX_TEXT_BYTES,
    maxDepth: 8,
    maxValues: 60,
    onItem: (item, place) => {
      assert.equal(place, items.length);
      items.push(item);
    },
  });
  try {
    for (const part of parts) reader.push(part);
    return { items, rest: reader.finish() };
  } catch (error) {
    if (error instanceof JsonError) return { items, error };
    throw error;
  }
}

const registration: FuzzTarget = {
  name: 'registration',
  corpus: () => {
    const metainfo = torrentOf('hybrid', [40_000], 'one.bin');
    const torrent = {
      infoHash: metainfo.infoHash,
      infoHashV2: metainfo.infoHashV2!.slice(0, 40),
      name: 'one.bin',
      size: 40_000,
      metainfo: Buffer.from(encodeMetainfo(metainfo)).toString('base64'),
    };
    return [
      jsonBytes(REGISTRATION),
      jsonBytes({ ...REGISTRATION, host: '192.0.2.1', torrents: [torrent, TORRENT] }),
      jsonBytes({ ...REGISTRATION, torrents: [] }),
    ];
  },
  form: 'json',
  tokens: [...JSON_TOKENS, TORRENT.infoHash, 'metainfo', 'infoHashV2'],
  refusals: [JsonError, ProblemError, RegistryError],
  run(input) {
    const reader = new RegistrationReader();
    for (const part of partsOf(input)) reader.push(part);
    const { torrents, port, peerId } = reader.finish();
    assert.ok(port >= 1 && port <= 65_535 && /^[0-9a-f]{40}$/.test(peerId));
    for (const [infoHash, { torrent }] of torrents) {
      assert.equal(torrent.infoHash, infoHash);
      assert.ok(Number.isSafeInteger(torrent.size) && torrent.name.length <= 255);
    }
    return true;
  },
};

const SEEDER = {
  id: 'a1',
  host: '192.0.2.1',
  port: 6881,
  torrents: 2,
  registeredAt: '2026-11-30T08:00:00Z',
  seenAt: '2026-11-30T08:00:00.123Z',
};
const LISTING = { ...TORRENT, seeders: 1 };
const ANSWERS = [
  'firstRegistration',
  'registration',
  'seeders',
  'torrents',
  'torrent',
] as const satisfies (keyof RegistryResponses)[];

/** The responses of a registry, each kind read as every kind. */
const registryResponse: FuzzTarget = {
  name: 'registry-response',
  corpus: () => [
    jsonBytes({
      id: 'a1',
      token: 't',
      host: '192.0.2.1',
      port: 6881,
      renewIn: 60,
      expiresIn: 180,
      missing: [TORRENT.infoHash],
      refused: [],
    }),
    jsonBytes({ seeders: [SEEDER], total: 1, next: '5' }),
    jsonBytes({ torrents: [LISTING, { ...LISTING, infoHashV2: 'ab'.repeat(20) }], total: 2 }),
    jsonBytes({ ...LISTING, heldBy: [{ id: 'a1', host: '192.0.2.1', port: 6881 }] }),
    jsonBytes({
      type: 'about:blank',
      title: 'Bad Request',
      status: 400,
      detail: 'D',
      errors: [{ field: 'port', message: 'M' }],
    }),
  ],
  form: 'json',
  tokens: JSON_TOKENS,
  refusals: [JsonError, ResponseShapeError],
  run(input) {
    let accepted = readProblem(input) === undefined ? 0 : 1;
    let refusal: unknown;
    for (const name of ANSWERS) {
      try {
        readAnswer(name, input);
        accepted += 1;
      } catch (thrown) {
        if (!(thrown instanceof JsonError || thrown instanceof ResponseShapeError)) throw thrown;
        assert.ok(thrown.message.length < 20_000, 'an error for each entry');
        refusal = thrown;
      }
    }
    if (accepted === 0) throw refusal;
    return true;
  },
};

/** The words of somebody who answers in place of a tracker, as messages quote them. */
const statusWords: FuzzTarget = {
  name: 'status-words',
  corpus: () => [
    bytesOf('<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>'),
    bytesOf('The plain HTTP request was sent to HTTPS port'),
    bytesOf('{"title":"x"}'),
    bytesOf('120'),
  ],
  tokens: ['<title>', '</title>', '\x1b[2J', '\u202e', 'https'],
  run(input) {
    const text = Buffer.from(input).toString();
    for (const status of [301, 400, 401, 403, 404, 429, 502, 503]) {
      const { found, advice = '' } = statusFinding({
        status,
        body: input,
        location: text,
        retryAfter: text,
        hasToken: input.length % 2 === 0,
        isRegistering: input.length % 3 === 0,
        ...(input.length % 5 === 0 && { problem: text }),
      });
      const words = `${found}${advice}${announceStatusFinding(status, input).found}`;
      assert.equal(printable(words), words);
      assert.ok(words.length < 3000);
    }
    return true;
  },
};

export const jsonTargets: readonly FuzzTarget[] = [json, list, registration, registryResponse, statusWords];
