import { afterEach, describe, expect, test } from 'vitest';
import { LocalServers, LocalUdpTracker } from '../../test/support/index.ts';
import type { AnnounceRequest } from '../tracker-protocol/index.ts';
import { parseInfoHash } from '../util/index.ts';
import { announce, announceByTrust } from './announce.ts';
import type { TrackerCallError } from './tracker-call-error.ts';
import { TrackerReach } from './tracker-reach.ts';

const servers = new LocalServers();
afterEach(() => servers.close());

const request: AnnounceRequest = {
  infoHash: parseInfoHash('0f'.repeat(20)),
  peerId: new Uint8Array(20),
  port: 6881,
  uploaded: 0,
  downloaded: 0,
  left: 1,
  event: 'started',
  compact: true,
  noPeerId: true,
};
const ANSWER = 'd8:intervali60e5:peers0:e';

/** A service on loopback that notes what it is asked. */
async function service(answer = ANSWER) {
  const asked: string[] = [];
  const url = await servers.serve((incoming, response) => {
    asked.push(incoming.url!.split('info_hash')[0]!);
    response.end(answer);
  });
  return { asked, url, port: new URL(url).port };
}

async function failure(work: Promise<unknown>): Promise<TrackerCallError> {
  return work.then(
    () => expect.fail('it should have thrown'),
    (thrown: TrackerCallError) => thrown,
  );
}

describe('announce() to a tracker that a torrent names', () => {
  test.each([
    'http://127.0.0.1:PORT/admin?do=shutdown',
    'http://127.0.0.1:PORT/admin',
    'http://127.0.0.1:PORT/announce?do=shutdown',
    'http://127.0.0.1:PORT/announce/../admin',
    'http://127.0.0.1:PORT/%61nnounce',
    'http://127.0.0.1:PORT/api/v1/announce',
    'http://admin:admin@127.0.0.1:PORT/announce',
    'http://localhost:PORT/admin?do=shutdown',
    'http://2130706433:PORT/admin',
    'http://0x7f.1:PORT/admin',
    'http://[::ffff:127.0.0.1]:PORT/admin',
    'http://0.0.0.0:PORT/announce',
    'http://[::]:PORT/announce',
    'udp://127.0.0.1:PORT/admin?do=shutdown',
  ])('sends no request to this machine for %s', async (url) => {
    const { asked, port } = await service();
    const error = await failure(announce(url.replace('PORT', port), request, { trust: 'torrent' }));
    expect(error).toMatchObject({ code: 'NOT_ALLOWED', isHopeless: true });
    expect(asked).toEqual([]);
  });

  test.each(['announce', `${'0f'.repeat(16)}/announce`, `shoal_0f1e2d3c_${'s'.repeat(32)}/announce`])(
    'asks a tracker in the local network at /%s',
    async (path) => {
      const { asked, url } = await service();
      await announce(`${url}/${path}`, request, { trust: 'torrent' });
      expect(asked).toEqual([`/${path}?`]);
    },
  );

  test('asks a tracker in the local network by its name and over UDP', async () => {
    const { asked, port } = await service();
    await announce(`http://localhost:${port}/announce`, request, { trust: 'torrent' });
    expect(asked).toHaveLength(1);
    await using tracker = await LocalUdpTracker.start((_, target) => {
      target.writeUInt32BE(1, 0);
      return 20;
    });
    await announce(`udp://127.0.0.1:${tracker.port}`, request, { trust: 'torrent' });
    expect(tracker.asked).toEqual(['connect', 'announce']);
  });

  test('sends any path and query when the user trusts the torrent or named the tracker', async () => {
    const { asked, url } = await service();
    const odd = `${url}/odd?x`;
    const signal = new AbortController().signal;
    await announceByTrust({ byUser: [], trustTrackers: true })(odd, request, { signal });
    await announceByTrust({ byUser: [odd] })(odd, request, { signal });
    expect(asked).toEqual(['/odd?x&', '/odd?x&']);
    const error = await failure(announceByTrust({ byUser: [url] })(odd, request, { signal }));
    expect(error.code).toBe('NOT_ALLOWED');
  });
});

describe('announce() after a redirect', () => {
  /** Starts a tracker that redirects; QUERY in `to` stands for the query of the request. */
  function redirecting(to: string): Promise<string> {
    return servers.serve((incoming, response) => {
      const location = to.replace('QUERY', incoming.url!.split('?')[1]!);
      response.writeHead(302, { location }).end();
    });
  }

  test.each(['user', 'torrent'] as const)(
    'sends no path or query that the redirect chooses when a %s named the tracker',
    async (trust) => {
      const { asked, url } = await service();
      for (const path of ['/admin', '/announce?do=shutdown', '/announce?QUERY&do=shutdown']) {
        const from = await redirecting(url + path);
        const error = await failure(announce(`${from}/announce`, request, { trust }));
        expect([path, error.code]).toEqual([path, 'NOT_ALLOWED']);
      }
      const metadata = await redirecting('http://169.254.169.254/announce?QUERY');
      expect((await failure(announce(`${metadata}/announce`, request, { trust }))).code).toBe('NOT_ALLOWED');
      expect(asked).toEqual([]);
    },
  );

  test('sends the same request to another tracker of the local network', async () => {
    const { asked, url } = await service();
    await announce(`${await redirecting(`${url}/announce?QUERY`)}/announce`, request, { trust: 'torrent' });
    expect(asked).toEqual(['/announce?']);
  });
});

describe('TrackerReach', () => {
  const lan = new URL('http://10.0.0.5:9910/announce');

  test('TrackerReach refuses a private address that a public tracker redirects to', () => {
    for (const trust of ['user', 'torrent'] as const) {
      const reach = new TrackerReach(trust);
      expect(() => reach.guard(lan, 'GET x')).not.toThrow();
      reach.redirected('198.51.100.1');
      expect(() => reach.guard(lan, 'GET x')).toThrow('no public address');
      reach.redirected(undefined);
      expect(() => reach.guard(lan, 'GET x')).toThrow('no public address');
    }
  });

  test('TrackerReach keeps only the public addresses of a name, unless private ones are allowed', () => {
    const addresses = [{ host: '127.0.0.1' }, { host: '198.51.100.1' }];
    const reach = new TrackerReach('torrent');
    expect(reach.allowed(addresses, new URL('udp://t.example:80/x?y'), 'Ask t')).toEqual([addresses[1]]);
    expect(reach.allowed(addresses, new URL('udp://t.example:80'), 'Ask t')).toEqual(addresses);
  });
});
