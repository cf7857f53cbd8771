import { describe, expect, test } from 'vitest';
import { makeCertificate, makeFile, requirePeers, sha256Of, tempFolder } from '../support/index.ts';
import { runShoal, shoal, untilEventOf } from './shoal.ts';

describe('shoal tracker with a certificate', () => {
  test('serves seeders and clients that trust its issuer, and no others', async (context) => {
    requirePeers(context, 'openssl');
    await using folder = await tempFolder();
    const [cert, key] = [folder.join('cert.pem'), folder.join('key.pem')];
    await makeCertificate('tracker', cert, key);
    const sha256 = await makeFile(folder.join('offered/a.bin'), 300_000, 'a');

    const tls = {
      SHOAL_TRACKER_TLS_CERT: cert,
      SHOAL_TRACKER_TLS_KEY: key,
      SHOAL_TRACKER_TLS_REQUIRED: 'true',
    };
    const listen = ['--host', '127.0.0.1', '--port', '0', '--web-port', '0', '--json'];
    await using tracker = await shoal(['tracker', ...listen], { env: tls });
    const { url, webUrl } = await untilEventOf(tracker, 'listening');
    expect([url, webUrl]).toEqual(Array(2).fill(expect.stringMatching(/^https:/)));

    const env = { NODE_EXTRA_CA_CERTS: cert };
    const where = ['--tracker', String(url)];
    await using seeder = await shoal(['seed', '--port', '0', '--json', ...where, folder.join('offered')], {
      env,
    });
    await untilEventOf(seeder, 'registered');
    const output = folder.join('got.bin');
    const get = ['get', sha256, '--output', output, '--timeout', '30s', ...where];
    expect(await runShoal(get, 0, { env })).toMatchObject({ event: 'done', sha256 });
    expect(await sha256Of(output)).toBe(sha256);
    expect(await runShoal(get, 7)).toMatchObject({ event: 'failed' });
  });

  test('does not start with a certificate that is none, and says so beforehand', async () => {
    const env = { SHOAL_TRACKER_TLS_CERT: '/nowhere/cert.pem', SHOAL_TRACKER_TLS_KEY: '/nowhere/key.pem' };
    const message = expect.stringContaining('/nowhere/cert.pem');
    expect(await runShoal(['tracker'], 2, { env })).toMatchObject({ code: 'BAD_VALUE', message });
    await runShoal(['tracker', '--check-config'], 2, { env });
    const half = { SHOAL_TRACKER_TLS_CERT: '/nowhere/cert.pem' };
    expect(await runShoal(['tracker'], 2, { env: half })).toMatchObject({
      message: expect.stringContaining('both tracker.tls.cert and tracker.tls.key'),
    });
  });
});
