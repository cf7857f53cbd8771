import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { parseMetainfo } from '../../src/metainfo/index.ts';
import { formatAddress } from '../../src/util/index.ts';
import {
  announcePeer,
  Disposables,
  makeByMktorrent,
  makeCertificate,
  makeFile,
  networkNamespace,
  type Peer,
  requirePeers,
  type Scrape,
  startAria2Seed,
  startLibtorrent,
  startQbittorrent,
  startTransmission,
  startWebTorrentClient,
  type TempFolder,
  tempFolder,
  untilSeeders,
} from '../support/index.ts';
import { hasIpv6, startTracker } from './shoal.ts';

// Each program, over each transport that it has, announces to our tracker, hears what that says of the swarm, and scrapes.

type Transport = 'http' | 'https' | 'udp' | 'http over IPv6' | 'udp over IPv6';

/** A torrent of which all is there, announced over one transport. */
interface Offer {
  readonly announceUrl: string;
  readonly torrentFile: string;
  readonly infoHash: string;
  readonly folder: string;
}

/** A program under test. */
interface Program extends AsyncDisposable {
  /** The addresses of the trackers that it is to reach: IPv4, IPv6. */
  readonly hosts: readonly [string, string];
  /** Seeds it. @returns what the program was told of the swarm, if it shows that, by announcing or by scraping */
  seed(offer: Offer): Promise<Scrape | undefined>;
}

interface Row {
  readonly name: string;
  readonly needs: readonly Peer[];
  readonly transports: readonly Transport[];
  /** @param certificate is made for the first host of the program, before a tracker starts */
  start(certificate: string): Promise<Program>;
}

const LOOPBACK = ['127.0.0.1', '::1'] as const;

const PROGRAMS: readonly Row[] = [
  {
    name: 'libtorrent',
    needs: ['libtorrent'],
    transports: ['http', 'https', 'udp', 'http over IPv6', 'udp over IPv6'],
    async start() {
      const interfaces = LOOPBACK.map((host) => formatAddress({ host, port: 0 })).join();
      const libtorrent = await startLibtorrent({
        settings: { listen_interfaces: interfaces, validate_https_trackers: false, ssrf_mitigation: false },
      });
      return {
        hosts: LOOPBACK,
        async seed({ torrentFile, folder }) {
          const torrent = await libtorrent.add(torrentFile, { folder });
          await torrent.announced();
          return torrent.scrape();
        },
        [Symbol.asyncDispose]: () => libtorrent[Symbol.asyncDispose](),
      };
    },
  },
  {
    name: 'qBittorrent',
    needs: ['qbittorrent'],
    transports: ['http', 'https', 'udp', 'http over IPv6', 'udp over IPv6'],
    async start() {
      const qbittorrent = await startQbittorrent();
      return {
        hosts: LOOPBACK,
        async seed({ torrentFile, folder, infoHash, announceUrl }) {
          await qbittorrent.add(torrentFile, { folder });
          return qbittorrent.announced(infoHash, announceUrl);
        },
        [Symbol.asyncDispose]: () => qbittorrent[Symbol.asyncDispose](),
      };
    },
  },
  {
    name: 'aria2',
    needs: ['aria2'],
    // UDP over IPv4 is all it has there, through the socket of its DHT, which finds nobody here.
    transports: ['http', 'https', 'udp', 'http over IPv6'],
    async start() {
      const running = new Disposables();
      return {
        hosts: LOOPBACK,
        async seed({ torrentFile, folder }) {
          const dht = [
            '--enable-dht=true',
            '--dht-listen-port=20000-60000',
            `--dht-file-path=${torrentFile}.dat`,
          ];
          const args = ['--check-certificate=false', '--disable-ipv6=false', '--interface=lo', ...dht];
          running.use(await startAria2Seed({ source: torrentFile, folder, args }));
          return undefined;
        },
        [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
      };
    },
  },
  {
    name: 'Transmission',
    needs: ['transmission', 'network namespace'],
    // Version 3.00 sends nothing over UDP to an IPv6 address.
    transports: ['http', 'https', 'udp', 'http over IPv6'],
    async start(certificate) {
      await using owned = new Disposables();
      const namespace = owned.use(await networkNamespace());
      const transmission = owned.use(await startTransmission(namespace, { CURL_CA_BUNDLE: certificate }));
      const all = owned.move();
      return {
        hosts: [namespace.hostAddress, namespace.hostAddress6],
        async seed({ torrentFile, folder }) {
          return (await transmission.add(torrentFile, { folder })).scraped();
        },
        [Symbol.asyncDispose]: () => all[Symbol.asyncDispose](),
      };
    },
  },
  {
    name: 'bittorrent-tracker, as in WebTorrent',
    needs: [],
    // Its UDP is IPv4 alone. Over WebSocket it is in a swarm of its own kind: websocket.test.ts.
    transports: ['http', 'https', 'udp', 'http over IPv6'],
    async start(certificate) {
      const running = new Disposables();
      return {
        hosts: LOOPBACK,
        async seed({ announceUrl, infoHash }) {
          const env = { NODE_EXTRA_CA_CERTS: certificate };
          const client = running.use(
            await startWebTorrentClient(announceUrl, infoHash, 'ab'.repeat(20), { env }),
          );
          const counts = { complete: 1, incomplete: 1 };
          client.tell('seed');
          client.tell('start');
          await client.tells('update', counts);
          client.tell('scrape');
          await client.tells('scrape', { infoHash, ...counts, downloaded: 0 });
          return counts;
        },
        [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
      };
    },
  },
];

async function makeOffer(folder: TempFolder, name: string, announceUrl: string): Promise<Offer> {
  await makeFile(folder.join('content', name), 50_000, name);
  const torrentFile = folder.join(`${name}.torrent`);
  await makeByMktorrent(folder.join('content', name), torrentFile, announceUrl);
  const { infoHash } = parseMetainfo(await readFile(torrentFile));
  return { announceUrl, torrentFile, infoHash, folder: folder.join('content') };
}

test.for(PROGRAMS)('announces over every transport it has: $name', async (row, context) => {
  requirePeers(context, 'mktorrent', 'openssl', ...row.needs);
  await using folder = await tempFolder();
  const [cert, key] = [folder.join('cert.pem'), folder.join('key.pem')];
  await using program = await row.start(cert);
  const [host4, host6] = program.hosts;
  await makeCertificate('shoal', cert, key, host4);
  await using over4 = await startTracker({ host: host4, tls: { cert, key } });
  await using over6 = await startTracker({ host: hasIpv6 ? host6 : host4 });

  const transports = row.transports.filter((transport) => hasIpv6 || !transport.endsWith('IPv6'));
  const seen = await Promise.all(
    transports.map(async (transport) => {
      const { address } = transport.endsWith('IPv6') ? over6 : over4;
      const [scheme] = transport.split(' ');
      const offer = await makeOffer(folder, transport, `${scheme}://${formatAddress(address)}/announce`);
      const plainUrl = `http://${formatAddress(address)}/announce`;
      // Somebody who downloads, so that there is something to be told.
      await announcePeer(plainUrl, offer.infoHash, { port: 2, left: 50_000 });
      const told = await program.seed(offer);
      await untilSeeders(plainUrl, offer.infoHash, 1);
      return { transport, told };
    }),
  );

  const told = row.name === 'aria2' ? undefined : { complete: 1, incomplete: 1 };
  expect(seen).toEqual(transports.map((transport) => ({ transport, told })));
});
