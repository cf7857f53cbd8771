// Throughput of the peer wire protocol in one thread. Run after `npm run build`: node bench/micro/wire.mjs
import {
  BLOCK_BYTES,
  encodePieceHeader,
  encodeRequests,
  MessageParser,
  PeerSession,
} from '../../build/src/wire/index.js';

const BLOCKS = 1024;
const SECONDS = 1;
const pieceLength = 1024 * 1024;
const geometry = { pieceCount: 16, pieceLength, pieceLengthAt: () => pieceLength };
const blocksPerPiece = pieceLength / BLOCK_BYTES;
const requests = Array.from({ length: BLOCKS }, (_, block) => ({
  index: Math.floor(block / blocksPerPiece),
  begin: (block % blocksPerPiece) * BLOCK_BYTES,
  length: BLOCK_BYTES,
}));
const stream = Buffer.concat(
  requests.flatMap((request) => [encodePieceHeader(request), new Uint8Array(BLOCK_BYTES)]),
);

const ignore = () => {};
const nobody = new Proxy({}, { get: () => ignore });
const idle = {
  onPieceStart: ignore,
  onPieceData: ignore,
  onPieceEnd: ignore,
};

function measure(name, bytesPerRound, round) {
  for (let warmUp = 0; warmUp < 5; warmUp += 1) round();
  const start = performance.now();
  let rounds = 0;
  while (performance.now() - start < SECONDS * 1000) {
    round();
    rounds += 1;
  }
  const seconds = (performance.now() - start) / 1000;
  console.log(
    `${name.padEnd(52)} ${((rounds * bytesPerRound) / seconds / 1e9).toFixed(2).padStart(7)} GB/s of blocks`,
  );
}

function pushInParts(size, push) {
  for (let at = 0; at < stream.length; at += size) push(stream.subarray(at, at + size));
}

const payloadBytes = BLOCKS * BLOCK_BYTES;
for (const kib of [4, 64, 256, 1024]) {
  const parser = new MessageParser(geometry.pieceCount);
  measure(`MessageParser, pushes of ${kib} KiB`, payloadBytes, () => {
    pushInParts(kib * 1024, (bytes) => parser.push(bytes, idle));
  });
}

for (const kib of [4, 64, 256, 1024]) {
  const pieces = Array.from({ length: geometry.pieceCount }, () => new Uint8Array(pieceLength));
  const events = Object.assign(Object.create(nobody), {
    send: ignore,
    blockDestination: (index, begin, length) => pieces[index].subarray(begin, begin + length),
    onBlock: ignore,
  });
  const session = new PeerSession({ geometry, fast: true, extended: true, now: 0 }, events);
  session.receive(Uint8Array.of(0, 0, 0, 1, 1), 0); // unchoke
  measure(`PeerSession with requests and copy, pushes of ${kib} KiB`, payloadBytes, () => {
    session.request(requests);
    pushInParts(kib * 1024, (bytes) => session.receive(bytes, 0));
  });
  if (session.discardedBytes > 0 || session.outstandingCount > 0) throw new Error('blocks were lost');
}

measure('encodeRequests, batches of 32', payloadBytes, () => {
  for (let at = 0; at < BLOCKS; at += 32) encodeRequests(requests.slice(at, at + 32));
});
measure('encodePieceHeader', payloadBytes, () => {
  for (const request of requests) encodePieceHeader(request);
});
