import {
  addressRanges,
  bytes,
  count,
  countOrNone,
  countOrOff,
  countTo,
  hostName,
  httpUrl,
  oneOf,
  port,
  text,
  wholeSeconds,
  yesOrNo,
  zones,
} from '../setting-kinds.ts';

/** What the tracker is started with. */
export const TRACKER_SETTINGS = {
  'tracker.bind': {
    kind: hostName,
    description: 'IP address to listen on; not set: all addresses of this machine.',
  },
  'tracker.port': {
    kind: port,
    default: '9910',
    description: 'Port of announces and of the web API; 0: any free one.',
  },
  'tracker.webPort': {
    kind: port,
    default: '8081',
    description: 'Second port of the same over TCP, for the web API; 0: any free one.',
  },
  'tracker.stateDir': {
    kind: text,
    description: 'Folder in which the tracker keeps what it knows over a restart; not set: it forgets.',
  },
  'tracker.drainDelay': {
    kind: wholeSeconds,
    description:
      'How long a tracker that is told to stop goes on, while /healthz says 503, so that a load balancer sends nobody any more; not set: it stops at once.',
  },
  'tracker.metrics': {
    kind: yesOrNo,
    default: 'true',
    description: 'Whether the web API has /metrics, for Prometheus: true or false.',
  },
  'tracker.store': {
    kind: oneOf('memory', 'redis'),
    default: 'memory',
    description:
      'Where the tracker keeps swarms and seeders: memory, its own; redis, shared with other trackers.',
  },
  'tracker.redis.url': {
    kind: text,
    default: 'redis://127.0.0.1:6379',
    description:
      'Redis or Valkey: redis://user:password@host:6379/0, rediss:// for TLS, unix:/path/to/socket; nodes of a cluster with commas between.',
  },
  'tracker.redis.cluster': {
    kind: yesOrNo,
    description: 'Whether that is a cluster; not set: if there are several nodes.',
  },
  'tracker.redis.prefix': {
    kind: text,
    default: 'shoal:',
    description: 'What all keys on Redis begin with; the same for all trackers that share swarms.',
  },
  'tracker.announceInterval': {
    kind: wholeSeconds,
    default: '2m',
    description: 'Time between announces of a peer; it is forgotten after two and a half of them.',
  },
  'tracker.youngInterval': {
    kind: wholeSeconds,
    default: '15s',
    description: 'The same in a swarm that has just come up; it grows as the swarm gets older.',
  },
  'tracker.seederExpiry': {
    kind: wholeSeconds,
    default: '90s',
    description: 'Time after which a registered seeder that does not renew is forgotten.',
  },
  'tracker.zones': {
    kind: zones,
    description:
      'Ranges of addresses that are near to each other, as 10.1.0.0/16 10.2.0.0/16; 192.0.2.0/24: peers nearby are handed out first; subnet: those of the same /24 or /48; not set: all are alike.',
  },
  'tracker.maxSwarms': {
    kind: count,
    default: '1000000',
    description: 'Swarms that the tracker knows at once; for one more, one of the emptiest is forgotten.',
  },
  'tracker.maxPeers': {
    kind: count,
    default: '5000000',
    description: 'Peers of all swarms at once; for one more, one of the emptiest swarms is forgotten.',
  },
  'tracker.maxPeersPerSwarm': {
    kind: count,
    default: '100000',
    description:
      'Peers of one swarm, over IPv4 and IPv6 each, on Redis over both together; others are answered and not recorded.',
  },
  'tracker.maxNumWant': {
    kind: countTo(200),
    default: '200',
    description: 'Peers in an answer, up to 200.',
  },
  'tracker.maxConnections': {
    kind: count,
    default: '20000',
    description: 'Clients connected over TCP to each port at once; others are turned away.',
  },
  'tracker.maxWsConnections': {
    kind: countOrOff,
    default: '15000',
    description: 'Those of them that are WebSockets, of WebTorrent peers; 0: none are taken.',
  },
  'tracker.maxSeeders': {
    kind: count,
    default: '20000',
    description: 'Seeders registered at once; others are refused.',
  },
  'tracker.maxHoldings': {
    kind: count,
    default: '5000000',
    description: 'Torrents of all registered seeders together; others are refused.',
  },
  'tracker.maxCatalogBytes': {
    kind: bytes,
    default: '1073741824',
    description: 'Bytes of metainfo that seeders may bring; more is refused.',
  },
  'tracker.requestsPerSecond': {
    kind: countOrNone,
    default: '200',
    description: 'Requests that one address may make by the second, over all transports; 0: any number.',
  },
  'tracker.requestBurst': {
    kind: count,
    default: '2000',
    description: 'Requests that one address may make at once.',
  },
  'tracker.connectionsPerAddress': {
    kind: countOrNone,
    default: '1000',
    description: 'TCP connections that one address may have at once; 0: any number.',
  },
  'tracker.trustedProxies': {
    kind: addressRanges,
    description:
      'Addresses and ranges of proxies that say for whom they ask, by X-Forwarded-For or the PROXY protocol; not set: none.',
  },
  'tracker.fullScrape': {
    kind: yesOrNo,
    default: 'false',
    description: 'Whether a scrape may be of all swarms at once: true or false.',
  },
  'tracker.plainSockets': {
    kind: yesOrNo,
    default: 'false',
    description:
      'Whether connections are made of public parts of Node alone, at twice the cost of each: true or false.',
  },
  'tracker.tls.cert': {
    kind: text,
    description: 'File with the certificate for TLS, in PEM; not set: TLS is not spoken.',
  },
  'tracker.tls.key': { kind: text, description: 'File with its key, in PEM.' },
  'tracker.tls.required': {
    kind: yesOrNo,
    default: 'false',
    description: 'Whether clients that speak no TLS are refused; if not, the same ports serve both.',
  },
  'tracker.allowList': {
    kind: text,
    description: 'File of info-hashes, one a line: no others are served; not set: all are.',
  },
  'tracker.denyList': {
    kind: text,
    description: 'File of info-hashes, one a line: they are not served.',
  },
  'tracker.tokens': {
    kind: text,
    description: 'File of access tokens, which shoal token makes; not set: there are none.',
  },
  'tracker.private': {
    kind: yesOrNo,
    default: 'false',
    description: 'Whether announcing and looking up take a token: true or false.',
  },
  'tracker.openRegistration': {
    kind: yesOrNo,
    default: 'false',
    description:
      'Whether seeders register without a token; if not, those on this machine do, while tracker.tokens is not set.',
  },
  'tracker.url': {
    kind: httpUrl,
    description:
      'Where to find the tracker, as http://tracker.example:9910; not set: tracker.port at tracker.bind, or on this machine.',
  },
};
