// Measures hashing in one thread. Run after `npm run build`: node bench/micro/hashing.mjs
import { createHash, hash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RangeHasher } from '../../build/src/hashing/range-hasher.js';
import { leafHashes, pieceLayerRoot, pieceRoot } from '../../build/src/metainfo/index.js';

const SECONDS = 1;
const MIB = 1024 * 1024;
const FILE_BYTES = 64 * MIB;
const LEAVES_OF_MIB = 64;

/** The parts of the work of `RangeHasher` on a file. */
const digest = { id: 0, isLast: true };
const WANTED = {
  'read only': {},
  v1: { v1: true },
  v2: { v2: true },
  'v1 and v2': { v1: true, v2: true },
  'SHA-256': { digest },
  'v1, v2 and SHA-256': { v1: true, v2: true, digest },
};

/** Prints processor seconds, which hardly depend on what else runs. */
function measure(name, bytesPerRound, round) {
  for (let warmUp = 0; warmUp < 3; warmUp += 1) round();
  const start = performance.now();
  const cpu = process.cpuUsage();
  let rounds = 0;
  while (performance.now() - start < SECONDS * 1000) {
    round();
    rounds += 1;
  }
  const { user, system } = process.cpuUsage(cpu);
  const perGb = (user + system) / 1e6 / ((rounds * bytesPerRound) / 1e9);
  console.log(
    `${name.padEnd(52)} ${perGb.toFixed(3).padStart(7)} CPU s/GB ${(1 / perGb).toFixed(2).padStart(6)} GB/s`,
  );
}

const piece = Buffer.alloc(MIB, 'piece');
measure('SHA-1 of a piece of 1 MiB', MIB, () => hash('sha1', piece, 'hex'));
measure('SHA-256 of 1 MiB', MIB, () => hash('sha256', piece, 'hex'));
measure('leafHashes() of a piece of 1 MiB', MIB, () => leafHashes(piece));
measure('pieceRoot() of a piece of 1 MiB', MIB, () => pieceRoot(piece, LEAVES_OF_MIB));
const layer = Buffer.concat(
  Array.from({ length: 4096 }, (_, at) => createHash('sha256').update(String(at)).digest()),
);
measure('pieceLayerRoot() of 4,096 pieces of 1 MiB', 4096 * MIB, () => pieceLayerRoot(layer, MIB));

const folder = mkdtempSync(join(tmpdir(), 'shoal-hashing-'));
try {
  const path = join(folder, 'file');
  writeFileSync(path, Buffer.alloc(FILE_BYTES, 'content'));
  const part = { path, position: 0, begin: 0, length: FILE_BYTES, leafCount: LEAVES_OF_MIB };
  for (const [name, { v1 = false, v2 = false, digest }] of Object.entries(WANTED)) {
    const task = { length: FILE_BYTES, pieceLength: MIB, v1, v2, parts: [{ ...part, digest }] };
    const hasher = new RangeHasher();
    measure(`64 MiB of a file: ${name}`, FILE_BYTES, () => hasher.hash(task));
  }
} finally {
  rmSync(folder, { recursive: true });
}
