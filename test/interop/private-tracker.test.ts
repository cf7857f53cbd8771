import { writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { createToken, revokeToken } from '../../src/tracker/index.ts';
import {
  announcePeer,
  Disposables,
  makeFile,
  networkNamespace,
  pollUntil,
  requirePeers,
  runProcess,
  sha256Of,
  startAria2Download,
  startLibtorrent,
  startTransmission,
  type TempFolder,
  tempFolder,
  untilSeeders,
} from '../support/index.ts';
import { getTorrent, MIB, startSeeder, startTracker } from './shoal.ts';

const SIZE = MIB + 1;

/** libtorrent asks trackers on loopback for nothing but /announce, lest someone have it ask other services there. */
const startPeer = () => startLibtorrent({ settings: { ssrf_mitigation: false } });

/** Gives the words in which libtorrent tells a tracker's refusal: over UDP it leaves the reason out. */
function refusal(scheme: string, reason: RegExp): RegExp {
  return scheme === 'udp'
    ? /tracker_error.*tracker sent a failure message/
    : new RegExp(`tracker_error.*${reason.source}`);
}

/** A private tracker, our seeder of one file, and a token for others. */
interface Stage extends AsyncDisposable {
  readonly folder: TempFolder;
  /** Path of the file, and its SHA-256. */
  readonly data: string;
  readonly sha256: string;
  /** The tracker's address. */
  readonly url: string;
  readonly tokens: string;
  readonly passkey: string;
  /** Id of the token that the passkey is. */
  readonly id: string;
  /** Writes a `.torrent` of the file that names one tracker. */
  torrentFor(announceUrl: string): Promise<string>;
}

async function setUp(host = '127.0.0.1'): Promise<Stage> {
  await using owned = new Disposables();
  const folder = owned.use(await tempFolder());
  const [data, tokens] = [folder.join('a.bin'), folder.join('tokens')];
  const sha256 = await makeFile(data, SIZE, 'a');
  const ours = await createToken(tokens, { scopes: ['register'] });
  const theirs = await createToken(tokens, { scopes: ['announce'] });
  const { url } = owned.use(await startTracker({ host, isPrivate: true, tokens }));
  owned.use(await startSeeder({ tracker: url, token: ours.text, paths: [data], bindHost: host }));
  const { text: passkey, token } = theirs;
  let made = 0;
  const all = owned.move();
  return {
    folder,
    data,
    sha256,
    url,
    tokens,
    passkey,
    id: token.id,
    async torrentFor(announceUrl) {
      const path = folder.join(`${(made += 1)}.torrent`);
      await runProcess('mktorrent', ['-l', '18', '-a', announceUrl, '-o', path, data]);
      return path;
    },
    [Symbol.asyncDispose]: () => all[Symbol.asyncDispose](),
  };
}

/** The `.torrent` as the tracker hands it to who has the token. */
async function fetchTorrent({ url, passkey, folder }: Stage): Promise<string> {
  const headers = { authorization: `Bearer ${passkey}` };
  const list = (await (await fetch(`${url}/api/v1/torrents`, { headers })).json()) as {
    torrents: { infoHash: string }[];
  };
  const { infoHash } = list.torrents[0]!;
  const answer = await fetch(`${url}/api/v1/torrents/${infoHash}.torrent`, { headers });
  const path = folder.join('fetched.torrent');
  await writeFile(path, new Uint8Array(await answer.arrayBuffer()));
  return path;
}

describe('a private tracker', () => {
  test('brings libtorrent to our seeder, by the passkey in its URL', async (context) => {
    requirePeers(context, 'libtorrent');
    await using stage = await setUp();
    await using libtorrent = await startPeer();
    const download = await libtorrent.add(await fetchTorrent(stage), { folder: stage.folder.join('down') });
    await download.finished();
    expect(await sha256Of(stage.folder.join('down/a.bin'))).toBe(stage.sha256);
  });

  test('brings aria2 to our seeder, by the passkey in its URL', async (context) => {
    requirePeers(context, 'aria2');
    await using stage = await setUp();
    const source = await fetchTorrent(stage);
    await using aria2 = await startAria2Download({ source, folder: stage.folder.join('down') });
    await aria2.process.exitsWith(0);
    expect(await sha256Of(stage.folder.join('down/a.bin'))).toBe(stage.sha256);
  });

  test('brings Transmission to our seeder, by the passkey in its URL', async (context) => {
    requirePeers(context, 'transmission', 'network namespace');
    await using namespace = await networkNamespace();
    await using stage = await setUp(namespace.hostAddress);
    await using transmission = await startTransmission(namespace);
    const download = await transmission.add(await fetchTorrent(stage), { folder: stage.folder.join('down') });
    await download.finished();
    expect(await sha256Of(stage.folder.join('down/a.bin'))).toBe(stage.sha256);
  });

  test.for(['http', 'udp'])(
    'takes the passkey of libtorrent over %s, and tells it that there is none, or no longer',
    async (scheme, context) => {
      requirePeers(context, 'libtorrent', 'mktorrent');
      await using stage = await setUp();
      const { url, passkey, folder } = stage;
      const announceUrl = `${url.replace('http', scheme)}/${passkey}/announce`;
      await using libtorrent = await startPeer();
      const seed = await libtorrent.add(await stage.torrentFor(announceUrl), { folder: folder.path });
      await seed.announced();
      await untilSeeders(`${url}/${passkey}/announce`, seed.infoHash, 1);
      await seed.remove();

      await using clientKey = await startPeer();
      const without = await stage.torrentFor(announceUrl.replace(`/${passkey}`, ''));
      await clientKey.add(without, { folder: folder.path });
      await clientKey.process.waitForLine(refusal(scheme, /This tracker is private/));

      await revokeToken(stage.tokens, stage.id);
      await pollUntil('the token is of no use', async () => {
        const { status } = await fetch(`${url}/api/v1/seeders`, {
          headers: { authorization: `Bearer ${passkey}` },
        });
        return status === 401 || undefined;
      });
      await using late = await startPeer();
      await late.add(await stage.torrentFor(announceUrl), { folder: folder.path });
      await late.process.waitForLine(refusal(scheme, /is not known here, or revoked/));
    },
  );

  test.for(['http', 'udp'])('brings get() to libtorrent over %s', async (scheme, context) => {
    requirePeers(context, 'libtorrent', 'mktorrent');
    await using stage = await setUp();
    const { url, passkey, folder } = stage;
    const torrentFile = await stage.torrentFor(`${url.replace('http', scheme)}/${passkey}/announce`);
    await using libtorrent = await startPeer();
    const seed = await libtorrent.add(torrentFile, { folder: folder.path });
    await untilSeeders(`${url}/${passkey}/announce`, seed.infoHash, 1);
    const got = await getTorrent(torrentFile, { output: folder.join('got.bin') });
    expect(await sha256Of(got.path)).toBe(stage.sha256);
  });
});

test('a tracker with a list takes the announces of libtorrent once the torrent is on it', async (context) => {
  requirePeers(context, 'libtorrent', 'mktorrent');
  await using folder = await tempFolder();
  const [data, allowList] = [folder.join('a.bin'), folder.join('allow')];
  await makeFile(data, SIZE, 'a');
  await writeFile(allowList, '# nothing yet\n');
  await using tracker = await startTracker({ allowList });
  const torrentFile = folder.join('a.torrent');
  await runProcess('mktorrent', ['-a', tracker.announceUrl, '-o', torrentFile, data]);
  await using early = await startPeer();
  const { infoHash } = await early.add(torrentFile, { folder: folder.path });
  await early.process.waitForLine(/tracker_error.*serves the torrents on its list only/);

  await writeFile(allowList, `${infoHash.toUpperCase()}  a.bin\r\n`);
  await pollUntil('the list is read', async () =>
    announcePeer(tracker.announceUrl, infoHash, { port: 1 }).then(
      () => true,
      () => undefined,
    ),
  );
  await using late = await startPeer();
  const torrent = await late.add(torrentFile, { folder: folder.path });
  await torrent.announced();
  await untilSeeders(tracker.announceUrl, infoHash, 2);
});
