import { writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { makeCertificate, requirePeers, tempFolder } from '../support/index.ts';
import { runShoal, type ShoalEvent, shoal, startTracker } from './shoal.ts';

const UNKNOWN_TOKEN = `shoal_0f1e2d3c_${'x'.repeat(32)}`;

/** Asks a tracker in vain. @returns the output of the command */
function failureAt(url: string): Promise<ShoalEvent> {
  return runShoal(['ls', '--tracker', url], 7);
}

describe('shoal ls says what it found in place of a tracker, and what to do', () => {
  test('of a tracker with TLS and one without, asked the wrong way, and of a certificate that is unknown', async (context) => {
    requirePeers(context, 'openssl');
    await using folder = await tempFolder();
    const [cert, key] = [folder.join('cert.pem'), folder.join('key.pem')];
    await makeCertificate('tracker', cert, key);
    const settings = `tracker.tls.cert=${cert}\ntracker.tls.key=${key}\ntracker.tls.required=true\n`;
    await writeFile(folder.join('config'), settings);
    await using secure = await startTracker({ args: ['--config', folder.join('config')] });
    await using plain = await startTracker();
    let failed = await failureAt(secure.url.replace('https', 'http'));
    expect(failed['message']).toMatch(/HTTP status 400, it says "This port speaks TLS: ask by https"$/);
    expect(failed['hint']).toMatch(/^Begin its address with https:/);
    failed = await failureAt(plain.url.replace('http', 'https'));
    expect(failed['message']).toMatch(/: it does not speak TLS there$/);
    expect(failed['hint']).toMatch(/begin its address with http:/);
    failed = await failureAt(secure.url);
    expect(failed['message']).toMatch(/: its certificate is self-signed, and not known to this machine$/);
    expect(failed['hint']).toMatch(/NODE_EXTRA_CA_CERTS/);
  });

  test('of a private tracker without a token, and with one that is wrong, cut off, or none', async () => {
    await using folder = await tempFolder();
    await writeFile(folder.join('config'), `tracker.private=true\ntracker.tokens=${folder.join('tokens')}\n`);
    await using tracker = await startTracker({ args: ['--config', folder.join('config')] });
    let failed = await failureAt(tracker.url);
    expect(failed['message']).toMatch(
      /HTTP status 401, it wants an access token, the tracker says "This .* private/,
    );
    expect(failed['hint']).toMatch(/--tracker http:\/\/HOST:9910\/TOKEN/);
    for (const token of [UNKNOWN_TOKEN, UNKNOWN_TOKEN.slice(0, -1)]) {
      failed = await failureAt(`${tracker.url}/${token}`);
      expect(failed['message']).toMatch(/HTTP status 401, it does not accept the access token.*not known/);
      expect(failed['message']).not.toContain('xxx');
      expect(failed['hint']).toMatch(/Is the token whole\?/);
    }
    failed = await failureAt(`${tracker.url}/secret`);
    expect(failed['message']).toMatch(/HTTP status 401.* begins with shoal_/);
  });

  test('on stderr, and shoal get, too', async () => {
    await using get = await shoal(['get', '0'.repeat(64), '--tracker', 'http://127.0.0.1:1']);
    await get.exitsWith(7);
    expect(get.output).toContain(
      'shoal: Cannot look up files at http://127.0.0.1:1: nobody listens there (connection refused)\n' +
        'Is the tracker running, and is that its address?',
    );
  });
});
