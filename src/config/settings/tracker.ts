import {
  addressRanges,
  bytes,
  choiceOf,
  count,
  countOrNone,
  countOrOff,
  countTo,
  hostName,
  hostNames,
  httpUrl,
  port,
  text,
  webOrigins,
  wholeSeconds,
  yesOrNo,
  zones,
} from '../setting-kinds.ts';

/** The settings of the tracker. */
export const TRACKER_SETTINGS = {
  'tracker.bind': {
    kind: hostName,
    description: 'IP address to listen on; not set: all addresses of this machine.',
  },
  'tracker.port': {
    kind: port,
    default: '9910',
    description: 'Port for announces and the web API; 0: any free one.',
  },
  'tracker.webPort': {
    kind: port,
    default: '8081',
    description: 'Second TCP port, which serves the same; 0: any free one.',
  },
  'tracker.stateDir': {
    kind: text,
    description:
      'Folder in which the tracker keeps what it knows over a restart; not set: it forgets all of it.',
  },
  'tracker.drainDelay': {
    kind: wholeSeconds,
    description:
      'How long a tracker goes on after it is told to stop, while /healthz says 503, so that a load balancer sends nobody any more; not set: it stops at once.',
  },
  'tracker.metrics': {
    kind: yesOrNo,
    default: 'true',
    description: 'Whether the web API has /metrics, for Prometheus: true or false.',
  },
  'tracker.store': {
    kind: choiceOf('memory', 'redis'),
    default: 'memory',
    description:
      'Where the tracker keeps swarms and seeders. memory: in its own memory; redis: on a Redis that other trackers may share.',
  },
  'tracker.redis.url': {
    kind: text,
    default: 'redis://127.0.0.1:6379',
    description:
      'URL of Redis or Valkey: redis://user:password@host:6379/0, rediss:// for TLS, unix:/path/to/socket; for a cluster, the URLs of several nodes with commas between.',
  },
  'tracker.redis.cluster': {
    kind: yesOrNo,
    description:
      'Whether tracker.redis.url is a cluster: true or false; not set: it is one if several nodes are named.',
  },
  'tracker.redis.prefix': {
    kind: text,
    default: 'shoal:',
    description: 'The text that all keys on Redis begin with. Trackers that share swarms have the same.',
  },
  'tracker.announceInterval': {
    kind: wholeSeconds,
    default: '2m',
    description: 'Time between two announces of a peer, which is forgotten after two and a half times that.',
  },
  'tracker.youngInterval': {
    kind: wholeSeconds,
    default: '15s',
    description:
      'Time between two announces in a swarm that has just come up; it grows as the swarm gets older.',
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
    description:
      'Most swarms that the tracker knows at once; for one more, one of the emptiest is forgotten.',
  },
  'tracker.maxPeers': {
    kind: count,
    default: '5000000',
    description: 'Most peers in all swarms together; for one more, one of the emptiest swarms is forgotten.',
  },
  'tracker.maxPeersPerSwarm': {
    kind: count,
    default: '100000',
    description:
      'Most peers in one swarm: over IPv4 and over IPv6 each, on Redis over both together. Others are answered and not recorded.',
  },
  'tracker.maxPeersPerAddress': {
    kind: countTo(1000),
    default: '16',
    description:
      'Most peers of one public address, over IPv6 of one /64, in one swarm, up to 1000; 8 times as many of a private address, 16 times of an IPv6 /48. For one more, another of the same address is forgotten.',
  },
  'tracker.maxNumWant': {
    kind: countTo(200),
    default: '200',
    description: 'Most peers in an answer, up to 200.',
  },
  'tracker.maxConnections': {
    kind: count,
    default: '20000',
    description:
      'Most TCP connections to each port at once; for one more, the network with the most gives one up.',
  },
  'tracker.maxWsConnections': {
    kind: countOrOff,
    default: '15000',
    description: 'Most WebSockets of WebTorrent peers among the connections to each port; 0: none are taken.',
  },
  'tracker.maxSeeders': {
    kind: count,
    default: '20000',
    description: 'Most seeders registered at once; others are refused.',
  },
  'tracker.maxHoldings': {
    kind: count,
    default: '5000000',
    description: 'Most torrents of all registered seeders together; others are refused.',
  },
  'tracker.maxCatalogBytes': {
    kind: bytes,
    default: '1073741824',
    description: 'Most bytes of metainfo that seeders bring, all together; more is refused.',
  },
  'tracker.maxSeedersPerAddress': {
    kind: count,
    default: '1000',
    description:
      'Most seeders of one address, over IPv6 of one /48; others are refused, unless they have an access token.',
  },
  'tracker.maxHoldingsPerAddress': {
    kind: count,
    default: '125000',
    description: 'Most torrents of all registered seeders of one address, in the same way.',
  },
  'tracker.maxCatalogBytesPerAddress': {
    kind: bytes,
    default: '100663296',
    description: 'Most bytes of metainfo that the seeders of one address bring, in the same way.',
  },
  'tracker.requestsPerSecond': {
    kind: countOrNone,
    default: '200',
    description:
      'Requests that one address may make by the second, over all transports, and connections it may open; 0: any number.',
  },
  'tracker.requestBurst': {
    kind: count,
    default: '2000',
    description: 'Requests that one address may make at once, and connections that it may open at once.',
  },
  'tracker.connectionsPerAddress': {
    kind: countOrNone,
    default: '1000',
    description:
      'TCP connections that one address may have at once; for one more an idle one is closed; 0: any number.',
  },
  'tracker.trustedProxies': {
    kind: addressRanges,
    description:
      'Addresses and ranges of proxies that say for whom they ask, by X-Forwarded-For or the PROXY protocol; not set: none.',
  },
  'tracker.publicHosts': {
    kind: hostNames,
    description:
      'Names by which browsers reach the web API, as tracker.example; not set: addresses, names in private networks and that of tracker.url.',
  },
  'tracker.webOrigins': {
    kind: webOrigins,
    description:
      'Origins of web pages that may use the web API, as https://dashboard.example; *: all others may look up; not set: none but its own.',
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
  'tracker.tls.key': { kind: text, description: 'File with the key of that certificate, in PEM.' },
  'tracker.tls.required': {
    kind: yesOrNo,
    default: 'false',
    description: 'Whether clients that speak no TLS are refused; if not, the same ports serve both.',
  },
  'tracker.allowList': {
    kind: text,
    description: 'File of info-hashes, one a line: only these are served; not set: all are.',
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
    description: 'Whether announces and look-ups need a token: true or false.',
  },
  'tracker.openRegistration': {
    kind: yesOrNo,
    default: 'false',
    description:
      'Whether seeders may register without a token: true or false. If not, those on this machine may, as long as tracker.tokens is not set.',
  },
  'tracker.checkSeeders': {
    kind: yesOrNo,
    default: 'true',
    description:
      'Whether the tracker connects to seeders that register, to find out whether others can reach them: true or false. If not, a seeder that names another private address than its own is believed.',
  },
  'tracker.url': {
    kind: httpUrl,
    description:
      'Where to find the tracker, as http://tracker.example:9910; not set: tracker.port at tracker.bind, or on this machine.',
  },
};
