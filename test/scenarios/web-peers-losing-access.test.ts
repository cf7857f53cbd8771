import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createToken, revokeToken } from '../../src/tracker/index.ts';
import { tempFolder } from '../support/index.ts';
import { TestTracker } from '../support/tracker/test-tracker.ts';
import { TokenFolder } from '../support/tracker/token-folder.ts';
import { WS_INFO_HASH, WsTestClient, wsAnnounce, wsPeerId } from '../support/tracker/ws-client.ts';

const SCRAPE = `scrape?info_hash=${'%AA'.repeat(20)}`;

let folder: TokenFolder;
beforeAll(async () => {
  folder = await TokenFolder.create();
});
afterAll(() => folder[Symbol.asyncDispose]());

describe('a peer over WebSocket that loses the right to be in a swarm', () => {
  async function withTwoPeers(
    use: (tracker: TestTracker, revoked: WsTestClient, other: WsTestClient) => Promise<void>,
    expires?: Date,
  ): Promise<void> {
    const more = expires === undefined ? {} : { expires };
    const { token, text } = await createToken(folder.tokens, { scopes: ['announce'], ...more });
    await using tracker = await TestTracker.start({ isPrivate: true, tokens: folder.tokens });
    await using revoked = await WsTestClient.connect(tracker.port, `/${text}/announce`);
    await using other = await WsTestClient.connect(tracker.port, `/${folder.passkey}/announce`);
    await revoked.ask(wsAnnounce('A'));
    expect(await other.ask(wsAnnounce('B'))).toMatchObject({ incomplete: 2 });
    if (expires === undefined) {
      await revokeToken(folder.tokens, token.id);
      const scrape = async () => (await tracker.fetch(`/${text}/${SCRAPE}`)).text();
      await expect.poll(scrape, { timeout: 10_000 }).toMatch(/^d14:failure reason/);
    }
    await use(tracker, revoked, other);
  }

  test.each([['started'], ['stopped']])('leaves it with the announce that is refused: %s', async (event) => {
    await withTwoPeers(async (_tracker, revoked, other) => {
      expect(await revoked.ask(wsAnnounce('A', { event }))).toMatchObject({
        'failure reason': expect.stringMatching(/revoked/),
      });
      expect(await other.ask(wsAnnounce('B', {}, 1))).toMatchObject({ incomplete: 1 });
    });
  });

  test('leaves it when it answers an offer, and nobody gets the answer', async () => {
    await withTwoPeers(async (tracker, revoked, other) => {
      const answer = { type: 'answer', sdp: 'yes' };
      revoked.send(wsAnnounce('A', { to_peer_id: wsPeerId('B'), offer_id: 'B0'.padEnd(20, 'o'), answer }));
      // When this is answered the one before has been read.
      await revoked.ask({ action: 'scrape', info_hash: WS_INFO_HASH });
      expect(await other.ask(wsAnnounce('B', {}, 1))).toMatchObject({ incomplete: 1 });
      const { webTorrent } = await tracker.tracker.stats();
      expect(webTorrent).toMatchObject({ answers: 0, answersDropped: 1, offers: 0 });
    });
  });

  test('leaves it within a second when it sends nothing', async () => {
    await withTwoPeers(async (tracker, _revoked, other) => {
      tracker.clock.advance(1000);
      expect(await other.ask(wsAnnounce('B', {}, 1))).toMatchObject({ incomplete: 1 });
    });
  });

  test('leaves it within half a minute when its passkey expires', async () => {
    await withTwoPeers(
      async (tracker, _expired, other) => {
        tracker.clock.advance(30_000);
        expect(await other.ask(wsAnnounce('B', {}, 1))).toMatchObject({ incomplete: 1 });
      },
      new Date(Date.now() + 20_000),
    );
  });

  test('leaves it when the torrent is put on the deny list', async () => {
    await using own = await tempFolder();
    const denyList = own.join('deny');
    await writeFile(denyList, '');
    await using tracker = await TestTracker.start({ denyList });
    await using peer = await WsTestClient.connect(tracker.port);
    await peer.ask(wsAnnounce('A'));
    await peer.ask(wsAnnounce('A', { info_hash: 'x'.repeat(20) }));
    await writeFile(denyList, 'a9'.repeat(20));
    const peersLater = async () => {
      tracker.clock.advance(1000);
      return (await tracker.tracker.stats()).webTorrent.peers;
    };
    await expect.poll(peersLater, { timeout: 10_000 }).toBe(1);
  });
});
