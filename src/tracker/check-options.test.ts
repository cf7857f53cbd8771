import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkTrackerOptions } from './check-options.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shoal-check-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('checkTrackerOptions() finds nothing wrong with what a tracker can run with, and makes nothing', async () => {
  await writeFile(join(folder, 'allowed'), `${'ab'.repeat(20)}\n`);
  const faults = await checkTrackerOptions({
    port: 80,
    zones: [['10.0.0.0/8']],
    trustedProxies: ['10.0.0.0/8'],
    allowList: join(folder, 'allowed'),
    tokens: join(folder, 'tokens'),
    isPrivate: true,
    stateDir: join(folder, 'a/b'),
  });
  expect(faults).toEqual([]);
  expect(await readdir(folder)).toEqual(['allowed']);
});

test('checkTrackerOptions() refuses two ports that are one, unless any is free', async () => {
  expect(await checkTrackerOptions({ port: 9910, webPort: 9910 })).toEqual([
    { option: 'webPort', error: expect.objectContaining({ code: 'BAD_OPTION' }) },
  ]);
  expect(await checkTrackerOptions({ port: 0, webPort: 0 })).toEqual([]);
});

test.runIf(process.platform === 'linux')(
  'checkTrackerOptions() refuses a folder for the state that root may write to and cannot',
  async () => {
    for (const stateDir of ['/proc', '/proc/self/x', '/sys/x']) {
      const faults = await checkTrackerOptions({ stateDir });
      expect(faults).toEqual([
        { option: 'stateDir', error: expect.objectContaining({ code: 'CANNOT_KEEP_STATE' }) },
      ]);
    }
  },
);

test.skipIf(process.platform === 'win32')(
  'checkTrackerOptions() refuses a folder for the state that all may write to',
  async () => {
    const stateDir = join(folder, 'state');
    await mkdir(stateDir);
    await chmod(stateDir, 0o777);
    const [fault] = await checkTrackerOptions({ stateDir });
    expect(fault?.error.message).toMatch(/^Cannot keep state in .*state: all users may write to it/);
    expect(await readdir(stateDir)).toEqual([]);
  },
);

test('checkTrackerOptions() names each fault of a certificate and its key, and what to do', async () => {
  const [noise, missing] = [join(folder, 'noise.pem'), join(folder, 'missing.pem')];
  await writeFile(noise, 'noise');
  const [both] = await checkTrackerOptions({ tls: { cert: missing, key: noise } });
  expect(both?.error.message).toBe(
    `Cannot speak TLS: the certificate ${missing} cannot be read, there is no such file or folder; the key ${noise} is no private key in PEM, it has no line "-----BEGIN PRIVATE KEY-----"`,
  );
});

test('checkTrackerOptions() finds all that is wrong', async () => {
  await writeFile(join(folder, 'file'), 'noise');
  const missing = join(folder, 'missing');
  const faults = await checkTrackerOptions({
    webPort: 70_000,
    drainDelay: -1,
    limits: { peers: 0 },
    isPrivate: true,
    trustedProxies: ['proxy'],
    allowList: missing,
    denyList: join(folder, 'file'),
    tls: { cert: missing, key: missing },
    stateDir: join(folder, 'file/state'),
  });
  const expected = [
    /^webPort must be/,
    /^drainDelay must be/,
    /^limits\.peers must be/,
    /^A private tracker needs tokens/,
    /^Cannot read the proxy "proxy"/,
    /missing/,
    /file.*1/,
    /^Cannot speak TLS/,
    /^Cannot keep state in /,
  ];
  expect(faults.map(({ error }) => error.message)).toEqual(
    expected.map((rule) => expect.stringMatching(rule)),
  );
});
