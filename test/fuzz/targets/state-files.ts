import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeResumeData, encodeResumeData, type ResumeSubject } from '../../../src/storage/resume-data.ts';
import { TrackerStartError } from '../../../src/tracker/errors/tracker-start-error.ts';
import { checkPem, contextOf } from '../../../src/tracker/frontends/certificate.ts';
import { AccessFileError } from '../../../src/tracker/guard/access/access-file-error.ts';
import { parseInfoHashList } from '../../../src/tracker/guard/access/info-hash-list.ts';
import { parseTokens } from '../../../src/tracker/guard/access/token-file.ts';
import { checkedValue, withDigest } from '../../../src/tracker/registry/catalog/lmdb/checked-value.ts';
import {
  decodeSeederRecord,
  decodeStoredHead,
  encodeSeederRecord,
} from '../../../src/tracker/registry/catalog/lmdb/seeder-record.ts';
import { MemorySwarmStore } from '../../../src/tracker/swarms/memory/memory-swarm-store.ts';
import { readSwarms } from '../../../src/tracker/swarms/memory/saved-swarms.ts';
import { SnapshotError, SwarmSnapshot } from '../../../src/tracker/swarms/memory/swarm-snapshot.ts';
import { Bitfield, equalBytes, parseInfoHash, seededRandom } from '../../../src/util/index.ts';
import { Turns } from '../../../src/util/turns.ts';
import { bytesOf, type FuzzTarget } from '../fuzz-target.ts';

const INFO_HASH = parseInfoHash('0123456789abcdef0123456789abcdef01234567');
const SUBJECT: ResumeSubject = { infoHash: INFO_HASH, pieceCount: 20, fileCount: 3 };

function resumeOf(pieceCount: number, files: number): Uint8Array {
  const have = new Bitfield(pieceCount);
  if (pieceCount > 0) have.add(1);
  const state = { size: 5, modified: 1_700_000_000_000n };
  return encodeResumeData({
    infoHash: INFO_HASH,
    have,
    files: Array.from({ length: files }, (_, at) => (at === 0 ? undefined : state)),
  });
}

/** Resume data, also with a digest that is right for it: others may write to the folder of a download. */
const resumeData: FuzzTarget = {
  name: 'resume-data',
  corpus: () => [resumeOf(20, 3), resumeOf(20, 2), resumeOf(24, 3), resumeOf(0, 0)],
  run(input) {
    let isRead = false;
    for (const bytes of [input, withRightEnd(input)]) {
      const data = decodeResumeData(bytes, SUBJECT);
      if (data === undefined) continue;
      isRead = true;
      assert.equal(data.have.length, SUBJECT.pieceCount);
      assert.equal(data.files.length, SUBJECT.fileCount);
      for (const file of data.files) assert.ok(file === undefined || file.size >= 0);
      assert.ok(decodeResumeData(encodeResumeData(data), SUBJECT) !== undefined);
    }
    return isRead;
  },
};

/** Puts the SHA-256 of all before it in place of the last 32 bytes. */
function withRightEnd(bytes: Uint8Array): Uint8Array {
  const start = bytes.subarray(0, Math.max(0, bytes.length - 32));
  return Buffer.concat([start, createHash('sha256').update(start).digest()]);
}

const KEY = `checked-metainfo/${INFO_HASH}`;

/** A value of the catalog's file: what was changed is noticed, and what was not is read. */
const checked: FuzzTarget = {
  name: 'checked-value',
  corpus: () => [
    withDigest(KEY, bytesOf('d4:infode')),
    withDigest(KEY, new Uint8Array(0)),
    withDigest(`checked-metainfo/${'ff'.repeat(20)}`, bytesOf('d4:infode')),
  ],
  run(input) {
    const value = checkedValue(KEY, input);
    if (value === undefined) return false;
    assert.ok(equalBytes(withDigest(KEY, value), input), 'a changed value was taken');
    return true;
  },
};

const STORED = {
  id: 'a1b2',
  address: { host: '192.0.2.1', port: 6881 },
  peerId: new Uint8Array(20).fill(1),
  tokenHash: new Uint8Array(32).fill(2),
  registeredAt: 1_700_000_000_000,
  torrents: [{ infoHash: INFO_HASH, name: 'Nürnberg', size: 5, sha256: 'ab'.repeat(32) }],
};
const stored = [
  await encodeSeederRecord(STORED, new Turns()),
  await encodeSeederRecord({ ...STORED, torrents: [] }, new Turns()),
];

/** A seeder of the catalog's file: what was changed is noticed. */
const storedSeeder: FuzzTarget = {
  name: 'stored-seeder',
  corpus: () => stored,
  run(input) {
    const seeder = decodeSeederRecord(input);
    assert.equal(decodeStoredHead(input)?.id, seeder?.id);
    if (seeder === undefined) return false;
    assert.ok(
      stored.some((bytes) => equalBytes(bytes, input)),
      'a changed seeder was taken',
    );
    return true;
  },
};

const CLOCK = { now: () => 1_000_000, setTimer: () => () => {} };

function smallStore(): MemorySwarmStore {
  return new MemorySwarmStore({ peerTtl: 1_000_000, random: seededRandom(1) });
}

/** Makes the part of a snapshot that has two swarms. */
function savedPart(): Uint8Array {
  const store = smallStore();
  const question = { numWant: 0, withPeerIds: false };
  for (const [at, size] of [6, 6, 18, 6].entries()) {
    const peer = {
      address: new Uint8Array(size).fill(at + 1),
      peerId: new Uint8Array(20).fill(at + 1),
      role: at === 0 ? ('seeder' as const) : ('downloader' as const),
    };
    const infoHash = at === 3 ? parseInfoHash('ff'.repeat(20)) : INFO_HASH;
    store.announce(infoHash, peer, question, false, CLOCK.now());
  }
  return new Uint8Array(Buffer.concat([...store.save(CLOCK)].map((part) => Buffer.from(part))));
}

/** A part of a snapshot, of which the digest says that it is whole: anything else is a RangeError, and the store stays usable. */
const savedSwarms: FuzzTarget = {
  name: 'saved-swarms',
  corpus: () => [savedPart()],
  refusals: [RangeError],
  run(input) {
    const part = Buffer.from(input);
    let peers = 0;
    for (const swarm of readSwarms(part)) peers += swarm.peers.length;
    assert.ok(peers * 26 <= input.length, `${peers} peers of ${input.length} bytes`);
    // To make a store takes longer than to read: for some of them.
    if (input.length % 8 > 0) return true;
    const store = smallStore();
    store.restore(part, 0, CLOCK.now());
    assert.ok(store.stats().peers <= peers);
    return true;
  },
};

const folder = mkdtempSync(join(tmpdir(), 'shoal-fuzz-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

/** The file of a snapshot: what was changed is noticed. */
const snapshot: FuzzTarget = {
  name: 'swarm-snapshot',
  isSlow: true,
  corpus: () => {
    const part = savedPart();
    const writtenAt = Buffer.alloc(8);
    writtenAt.writeDoubleBE(1_700_000_000_000);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(part.length);
    const bytes = Buffer.concat([
      Buffer.from('shoalsw\x01', 'latin1'),
      writtenAt,
      length,
      part,
      Buffer.alloc(4 + 32),
    ]);
    return [withRightEnd(bytes)];
  },
  refusals: [SnapshotError],
  async run(input) {
    const path = join(folder, 'swarms');
    writeFileSync(path, input);
    const store = smallStore();
    const options = { store, path, clock: CLOCK, wallTime: () => 1_700_000_000_000 };
    await new SwarmSnapshot(options).load();
    assert.equal(store.stats().peers, 4);
    return true;
  },
};

const TOKEN_LINES = [
  `{"id":"01234567","sha256":"${'ab'.repeat(32)}","scopes":["announce","register"],"name":"n","created":"2026-11-30T08:00:00.000Z"}`,
  `{"id":"89abcdef","sha256":"${'cd'.repeat(32)}","scopes":["announce"],"name":"","created":"2026-11-30T08:00:00.000Z","expires":"2027-11-30T08:00:00.000Z"}`,
  '{"revoke":"01234567","at":"2026-12-01T08:00:00.000Z"}',
];

/** The file of access tokens, which people edit: every time in it can be written again. */
const tokenFile: FuzzTarget = {
  name: 'token-file',
  corpus: () => [bytesOf(`${TOKEN_LINES.join('\n')}\n`), ...TOKEN_LINES.map(bytesOf)],
  form: 'json',
  tokens: ['\n', 'expires', '9999-12-31T23:59:59Z', '2024-02-30T00:00:00Z', '0000-01-01T00:00:00Z'],
  refusals: [AccessFileError],
  run(input) {
    const tokens = parseTokens(Buffer.from(input), 'tokens');
    for (const { created, expires, revoked, hash } of tokens.all) {
      assert.equal(hash.length, 32);
      for (const time of [created, expires, revoked]) time?.toISOString();
    }
    assert.equal(tokens.find('shoal_01234567_abc', 0), undefined);
    return tokens.size > 0;
  },
};

const infoHashList: FuzzTarget = {
  name: 'info-hash-list',
  corpus: () => [
    bytesOf(`# comment\r\n${INFO_HASH} name\r\n\r\n${'AB'.repeat(20)};x\n${'cd'.repeat(32)}`),
    bytesOf(`${INFO_HASH}\n`),
  ],
  tokens: ['\n', '\r\n', '#', ' ', INFO_HASH],
  refusals: [AccessFileError],
  async run(input) {
    const found = await parseInfoHashList(Buffer.from(input), 'list');
    assert.ok(found.size * 40 <= input.length);
    for (const infoHash of found) assert.match(infoHash, /^[0-9a-f]{40}$/);
    return found.size > 0;
  },
};

const PEM = `-----BEGIN CERTIFICATE-----
MIIBbzCCARWgAwIBAgIUYod0pHfM+eeVzLQR5DQoyF0nZUwwCgYIKoZIzj0EAwIw
DDEKMAgGA1UEAwwBdDAgFw0yNjExMzAwOTE3MzBaGA8yMTI2MTEwNjA5MTczMFow
DDEKMAgGA1UEAwwBdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABO2SJOJUctTi
HH6EdSvHrjqnfjmzVeBy8mN+1dZnjOoPjZu2/W/VxwK0PFQYOWp414bAePEX24Uw
73a1GpWgrTKjUzBRMB0GA1UdDgQWBBTllmNARlr5rLufyyo2oec+q2gNSjAfBgNV
HSMEGDAWgBTllmNARlr5rLufyyo2oec+q2gNSjAPBgNVHRMBAf8EBTADAQH/MAoG
CCqGSM49BAMCA0gAMEUCIQD5Rj9cWqHJd+LSnnpdJPtGZSNzSm2zFKk5rwmNlmOx
ywIgRPMv3Zzb7E9CvDLUaQjkMAtLzjzpSOeikUvogog+JLY=
-----END CERTIFICATE-----
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQggPma8NpD5nOnZSNk
bXsOOI2zBpT9Jqx0ArXayS1aTg+hRANCAATtkiTiVHLU4hx+hHUrx646p345s1Xg
cvJjftXWZ4zqD42btv1v1ccCtDxUGDlqeNeGwHjxF9uFMO92tRqVoK0y
-----END PRIVATE KEY-----
`;

/** The certificate of a tracker and its key, made for this alone, in one file. */
const certificate: FuzzTarget = {
  name: 'certificate',
  corpus: () => [bytesOf(PEM), bytesOf('-----BEGIN CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----\n')],
  tokens: ['-----BEGIN CERTIFICATE-----', '-----END PRIVATE KEY-----', 'ENCRYPTED', '\n', '=', 'RSA '],
  refusals: [TrackerStartError],
  run(input) {
    const bytes = Buffer.from(input);
    const [cert, key] = ['cert.pem', 'key.pem'];
    contextOf(checkPem('certificate', cert, bytes), checkPem('key', key, bytes), { cert, key });
    return true;
  },
};

export const stateFileTargets: readonly FuzzTarget[] = [
  resumeData,
  checked,
  storedSeeder,
  savedSwarms,
  snapshot,
  tokenFile,
  infoHashList,
  certificate,
];
