import { describe, expect, test } from 'vitest';
import { gatherHashes, HashLayers, merkleLayers } from '../metainfo/index.ts';
import type { PeerConnection } from '../swarm/index.ts';
import type { HashRequest } from '../wire/index.ts';
import { ASK_MORE_MS, HASH_QUERY_LIMIT_MS, HashQueries, type HashQuery } from './hash-queries.ts';

const NO_HASH = new Uint8Array(32);
const LEAVES = Uint8Array.from({ length: 8 * 32 }, (_, at) => at);
const TREE = new HashLayers(merkleLayers(LEAVES, 8, NO_HASH), 8, 8, NO_HASH);
const REQUEST: HashRequest = { piecesRoot: TREE.root, baseLayer: 0, index: 4, length: 2, proofLayers: 2 };
const HASHES = gatherHashes(REQUEST, (...at) => TREE.hashes(...at));
const LIES = HASHES.map((byte) => byte ^ 1);

/** Makes a peer that can be asked for hashes. `asked` has the requests that it got. */
function peerOf(
  options: {
    speaksV2?: boolean;
    isOpen?: boolean;
    downloadRate?: number;
    canRequest?: boolean;
    isProven?: boolean;
  } = {},
) {
  const { canRequest = true, ...rest } = options;
  const asked: HashRequest[] = [];
  const fake = {
    name: 'fake',
    speaksV2: true,
    isOpen: true,
    downloadRate: 0,
    isProven: false,
    session: {
      hashes: { canRequest: () => canRequest, request: (request: HashRequest) => asked.push(request) },
    },
    asked,
    ...rest,
  };
  return fake as typeof fake & PeerConnection;
}

type FakePeer = ReturnType<typeof peerOf>;

/** Makes queries among these peers, on a clock that stands still until `pass()`. */
function queriesAmong(...peers: FakePeer[]) {
  let now = 0;
  const bad: PeerConnection[] = [];
  const queries = new HashQueries({
    now: () => now,
    peers: () => peers,
    isProven: (peer) => peers.some((known) => known === peer && known.isProven),
    onBadPeer: (peer) => bad.push(peer),
  });
  const pass = (ms: number) => {
    now += ms;
    queries.tick(now);
  };
  const askFor = (held: (peer: PeerConnection) => boolean = () => true, request = { ...REQUEST }) => {
    const query: HashQuery = { request, expected: TREE.root, isHeldBy: held };
    return { request, response: queries.ask(query) };
  };
  return { queries, bad, pass, askFor };
}

const counts = (...peers: FakePeer[]) => peers.map(({ asked }) => asked.length);

describe('HashQueries', () => {
  test('ask() asks the fastest peer that may be asked, and returns its hashes once they are proven', async () => {
    const peers = [
      peerOf({ downloadRate: 1 }),
      peerOf({ downloadRate: 2 }),
      peerOf({ downloadRate: 3, speaksV2: false }),
      peerOf({ downloadRate: 3, isOpen: false }),
      peerOf({ downloadRate: 3, canRequest: false }),
      peerOf({ downloadRate: 3 }),
    ];
    const { queries, askFor, bad } = queriesAmong(...peers);
    const { request, response } = askFor((peer) => peer !== peers[5]);
    expect(counts(...peers)).toEqual([0, 1, 0, 0, 0, 0]);
    queries.onHashes(peers[1]!, request, HASHES);
    expect(await response).toBe(HASHES);
    expect(bad).toEqual([]);
  });

  test('ask() asks a proven peer before a faster one that is not', () => {
    const peers = [
      peerOf({ downloadRate: 9 }),
      peerOf({ downloadRate: 1, isProven: true }),
      peerOf({ downloadRate: 2, isProven: true }),
    ];
    queriesAmong(...peers).askFor();
    expect(counts(...peers)).toEqual([0, 0, 1]);
  });

  test('ask() returns undefined when there is no peer to ask', async () => {
    expect(await queriesAmong().askFor().response).toBeUndefined();
  });

  test('onRejected() and removePeer() ask the next peer, until there is none', async () => {
    const peers = [peerOf(), peerOf(), peerOf()];
    const { queries, askFor } = queriesAmong(...peers);
    const { request, response } = askFor();
    queries.onRejected(peers[0]!, request);
    expect(counts(...peers)).toEqual([1, 1, 0]);
    queries.removePeer(peers[1]!);
    queries.removePeer(peers[1]!);
    expect(counts(...peers)).toEqual([1, 1, 1]);
    queries.onRejected(peers[2]!, request);
    expect(await response).toBeUndefined();
  });

  test('onHashes() reports a peer whose hashes have another root, and asks the next', async () => {
    const peers = [peerOf(), peerOf()];
    const { queries, askFor, bad } = queriesAmong(...peers);
    const { request, response } = askFor();
    queries.onHashes(peers[0]!, request, LIES);
    expect(bad).toEqual([peers[0]]);
    queries.onHashes(peers[1]!, request, HASHES);
    expect(await response).toBe(HASHES);
  });

  test('tick() asks three times as many peers each second, and takes the hashes of any of them', async () => {
    const peers = Array.from({ length: 5 }, peerOf);
    const { queries, askFor, pass } = queriesAmong(...peers);
    const { request, response } = askFor();
    pass(ASK_MORE_MS - 1);
    expect(counts(...peers)).toEqual([1, 0, 0, 0, 0]);
    pass(1);
    expect(counts(...peers)).toEqual([1, 1, 1, 0, 0]);
    pass(ASK_MORE_MS);
    expect(counts(...peers)).toEqual([1, 1, 1, 1, 1]);
    queries.onHashes(peers[0]!, request, HASHES);
    expect(await response).toBe(HASHES);
    queries.onHashes(peers[1]!, request, LIES);
    queries.onRejected(peers[1]!, request);
  });

  test('tick() gives a query up in the end, and does not ask silent peers again until they respond', async () => {
    const peers = [peerOf(), peerOf()];
    const { queries, askFor, pass } = queriesAmong(...peers);
    const { request, response } = askFor();
    for (let waited = 0; waited < HASH_QUERY_LIMIT_MS; waited += 1000) pass(1000);
    expect(await response).toBeUndefined();
    expect(await askFor().response).toBeUndefined();
    expect(counts(...peers)).toEqual([1, 1]);
    queries.onHashes(peers[1]!, request, HASHES);
    const again = askFor();
    expect(counts(...peers)).toEqual([1, 2]);
    queries.onHashes(peers[1]!, again.request, HASHES);
    expect(await again.response).toBe(HASHES);
  });

  test('tick() gives a query up after its own limit', async () => {
    const peer = peerOf();
    const { queries, pass } = queriesAmong(peer);
    const query = { request: REQUEST, expected: TREE.root, isHeldBy: () => true, limitMs: 2000 };
    const response = queries.ask(query);
    pass(1999);
    expect(peer.asked).toHaveLength(1);
    pass(1);
    expect(await response).toBeUndefined();
  });

  test('close() gives all queries up, and no further peer is asked', async () => {
    const peer = peerOf();
    const { queries, askFor } = queriesAmong(peer);
    const { response } = askFor();
    queries.close();
    expect(await response).toBeUndefined();
    expect(await askFor().response).toBeUndefined();
    expect(peer.asked).toHaveLength(1);
  });
});
