import { afterEach, expect, test } from 'vitest';
import { Announcer, announce, SeederRegistration } from '../../src/tracker-client/index.ts';
import { parseAnnounceQuery } from '../../src/tracker-protocol/index.ts';
import { parseInfoHash, type ReportError, systemClock, systemRandom } from '../../src/util/index.ts';
import { LocalServers } from '../support/index.ts';

const servers = new LocalServers();
afterEach(() => servers.close());

const report: ReportError = (error, context) => expect.fail(`${context}: ${error.message}`);
const infoHash = parseInfoHash('a'.repeat(40));

test('Announcer announces over HTTP, falling back to the tracker that works', async () => {
  const broken = await servers.serve((request) => request.socket.destroy());
  const events: string[] = [];
  const works = await servers.serve((request, response) => {
    events.push(parseAnnounceQuery(Buffer.from(request.url!.split('?')[1]!)).event);
    response.end(Buffer.from('d8:intervali60e5:peers6:\x7f\0\0\x01\x1a\xe1e', 'latin1'));
  });
  const failures: string[] = [];
  const peers = await new Promise((resolve) => {
    const announcer = new Announcer({
      tiers: [['wss://t.example:80', `${broken}/announce`], [`${works}/announce`]],
      infoHashes: [infoHash],
      peerId: new Uint8Array(20),
      port: 6881,
      stats: () => ({ uploaded: 0, downloaded: 0, left: 0 }),
      onPeers: (found) => resolve(announcer.close().then(() => found)),
      onFailure: (_, error) => failures.push((error as Error & { code: string }).code),
      announce,
      clock: systemClock,
      random: systemRandom,
      report,
    });
    announcer.start();
  });
  expect(peers).toEqual([{ host: '127.0.0.1', port: 6881 }]);
  expect(events).toEqual(['started', 'stopped']);
  expect(failures.sort()).toEqual(['UNREACHABLE', 'UNSUPPORTED']);
});

test('SeederRegistration registers and leaves over HTTP', async () => {
  const asked: string[] = [];
  const trackerUrl = await servers.serve((request, response) => {
    asked.push(`${request.method} ${request.url} ${request.headers.authorization}`);
    const answer = {
      id: 's',
      token: 't',
      host: '127.0.0.1',
      port: 9911,
      renewIn: 60,
      expiresIn: 90,
      missing: [],
    };
    request.resume().on('end', () => response.end(JSON.stringify(answer)));
  });
  await new Promise((resolve) => {
    const registration = new SeederRegistration({
      trackerUrl,
      seeder: { port: 9911, peerId: 'c'.repeat(40) },
      torrents: () => [{ infoHash, name: 'a', size: 1, metainfo: new Uint8Array(3) }],
      onRegistered: () => resolve(registration.close()),
      onFailure: (error) => report(error, 'register'),
      clock: systemClock,
      random: systemRandom,
      report,
    });
    registration.start();
  });
  expect(asked).toEqual(['POST /api/v1/seeders undefined', 'DELETE /api/v1/seeders/s Bearer t']);
});
