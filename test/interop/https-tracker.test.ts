import { describe, expect, test } from 'vitest';
import {
  makeByMktorrent,
  makeCertificate,
  makeFile,
  requirePeers,
  sha256Of,
  startAria2Download,
  startAria2Seed,
  startLibtorrent,
  tempFolder,
  untilSeeders,
} from '../support/index.ts';
import { MIB, startTracker } from './shoal.ts';

describe('a tracker with a certificate', () => {
  test('brings aria2 and aria2 together over https, and is asked without TLS at the same port', async (context) => {
    requirePeers(context, 'openssl', 'aria2', 'mktorrent', 'libtorrent');
    await using folder = await tempFolder();
    const tls = { cert: folder.join('cert.pem'), key: folder.join('key.pem') };
    await makeCertificate('tracker', tls.cert, tls.key);
    const sha256 = await makeFile(folder.join('a.bin'), MIB, 'a');
    await using tracker = await startTracker({ tls });
    expect(tracker.announceUrl).toMatch(/^https:/);
    const source = folder.join('a.torrent');
    await makeByMktorrent(folder.join('a.bin'), source, tracker.announceUrl);
    await using libtorrent = await startLibtorrent();
    const { infoHashV1 } = await libtorrent.describe(source);

    const args = [`--ca-certificate=${tls.cert}`];
    await using _seed = await startAria2Seed({ source, folder: folder.path, args });
    await untilSeeders(tracker.announceUrl.replace('https:', 'http:'), infoHashV1!, 1);
    await using aria2 = await startAria2Download({ source, folder: folder.join('got'), args });
    await aria2.process.exitsWith(0);
    expect(await sha256Of(folder.join('got/a.bin'))).toBe(sha256);
  });
});
