import { defaultOf, kinds, limit, type OptionsOf, type Setting, setting } from '../config/index.ts';

// The settings of the tracker, each written once: what is known of it stands here. Others are made of that: the types of the
// tracker's options, flags and their help, config/config.properties, docs/limits.md, and the reasons in the metrics. The doc
// comment of a row is that of the option. See docs/adr/0035-one-table-of-settings.md.

/** The settings that say where the tracker is, and how it starts and ends. */
export const LISTENING = {
  /** IP address to listen on; all addresses of this machine by default. */
  bind: setting({
    key: 'tracker.bind',
    kind: kinds.hostName,
    help: 'IP address to listen on; not set: all addresses of this machine.',
  }),
  /** Port of announces and scrapes, over TCP and UDP, and of the web API, too. 0, the default: any that is free. */
  port: setting({
    key: 'tracker.port',
    kind: kinds.port,
    default: '9910',
    help: 'Port for announces and the web API; 0: any free one.',
  }),
  /** Another port of the web API. 0: any that is free. None by default. */
  webPort: setting({
    key: 'tracker.webPort',
    kind: kinds.port,
    default: '8081',
    help: 'Second TCP port, which serves the same; 0: any free one.',
  }),
  /**
   * Folder in which the tracker's state outlives a restart, made when it is not there, and this tracker's alone. Who has
   * registered what is written at once, with the package `lmdb`; who is in which swarm every few minutes and when the
   * tracker closes. A tracker that cannot take up the first does not start; the second it does without. What cannot be
   * written is reported, and tried again. Absent: nothing is kept.
   */
  stateDir: setting({
    key: 'tracker.stateDir',
    kind: kinds.text,
    help: 'Folder in which the tracker keeps what it knows over a restart; not set: it forgets all of it.',
    note: 'It holds who has registered what, and who is in which swarm. No other tracker may use the same folder.',
  }),
  /**
   * Seconds for which a tracker that is to close goes on while it says so at `/healthz`, so that a load balancer sends
   * nobody any more; 0 by default.
   */
  drainDelay: setting({
    key: 'tracker.drainDelay',
    kind: kinds.wholeSeconds,
    help: 'How long a tracker goes on after it is told to stop, while /healthz says 503, so that a load balancer sends nobody any more; not set: it stops at once.',
  }),
  /** Whether the web API has `/metrics`, for Prometheus; true by default. */
  metrics: setting({
    key: 'tracker.metrics',
    kind: kinds.yesOrNo,
    default: 'true',
    help: 'Whether the web API has /metrics, for Prometheus: true or false.',
  }),
};

/** The setting that says where swarms and seeders are kept. It has no option of its own: `redis` is given, or is not. */
export const STORE = {
  store: setting({
    key: 'tracker.store',
    kind: kinds.choiceOf('memory', 'redis'),
    default: 'memory',
    help: 'Where the tracker keeps swarms and seeders. memory: in its own memory; redis: on a Redis that other trackers may share.',
    note: 'The latter needs the package ioredis.',
  }),
};

/** The settings of the way to Redis: the options in `redis`. */
export const REDIS = {
  url: setting({
    key: 'tracker.redis.url',
    kind: kinds.text,
    default: 'redis://127.0.0.1:6379',
    help: 'URL of Redis or Valkey: redis://user:password@host:6379/0, rediss:// for TLS, unix:/path/to/socket; for a cluster, the URLs of several nodes with commas between.',
  }),
  cluster: setting({
    key: 'tracker.redis.cluster',
    kind: kinds.yesOrNo,
    help: 'Whether tracker.redis.url is a cluster: true or false; not set: it is one if several nodes are named.',
  }),
  prefix: setting({
    key: 'tracker.redis.prefix',
    kind: kinds.text,
    default: 'shoal:',
    help: 'The text that all keys on Redis begin with. Trackers that share swarms have the same.',
  }),
};

/** The settings that say when peers and seeders come again, and which peers they are given. A reload takes them. */
export const ANNOUNCING = {
  /** Seconds between announces; {@link DEFAULT_ANNOUNCE_INTERVAL} by default. */
  announceInterval: setting({
    key: 'tracker.announceInterval',
    kind: kinds.wholeSeconds,
    default: '2m',
    help: 'Time between two announces of a peer, which is forgotten after two and a half times that.',
  }),
  /**
   * Seconds between announces in a swarm that has just come up, 15 by default: it grows to the interval as the swarm gets
   * older.
   */
  youngInterval: setting({
    key: 'tracker.youngInterval',
    kind: kinds.wholeSeconds,
    default: '15s',
    help: 'Time between two announces in a swarm that has just come up; it grows as the swarm gets older.',
  }),
  /** Seconds after which a seeder that does not renew is forgotten, {@link DEFAULT_SEEDER_EXPIRY} by default. */
  seederExpiry: setting({
    key: 'tracker.seederExpiry',
    kind: kinds.wholeSeconds,
    default: '90s',
    help: 'Time after which a registered seeder that does not renew is forgotten.',
  }),
  /**
   * Hands out peers nearby first. Near to a peer are those of its zone: the first of these lists with a range that its
   * address is in, as `[['10.1.0.0/16', '2001:db8:1::/48'], ['10.2.0.0/16']]`; or else those of its subnet (/24 of IPv4,
   * /48 of IPv6), for which an empty list does. Absent: all are alike.
   */
  zones: setting({
    key: 'tracker.zones',
    kind: kinds.zones,
    help: 'Ranges of addresses that are near to each other, as 10.1.0.0/16 10.2.0.0/16; 192.0.2.0/24: peers nearby are handed out first; subnet: those of the same /24 or /48; not set: all are alike.',
  }),
};

/** The reasons under which requests and connections are counted that an address may not make. */
const REQUEST_REASONS = {
  requests_per_address: 'requests',
  unproven_per_address: 'requests of addresses that packets merely name',
  unpriced_per_address: 'connections ended for requests that are refused, malformed or free',
  connection_rate: 'new connections over TCP, closed at once',
};

/** The metric that counts what the catalog has no room for. */
const CATALOG_FULL = 'shoal_tracker_web_problems_total{status="507"}';

/** The settings that say how much the tracker takes on: the options in `limits`. A reload takes them. */
export const LIMITS = {
  /** The most swarms known at once. For one more, one of the emptiest is forgotten. */
  swarms: limit({
    key: 'tracker.maxSwarms',
    kind: kinds.count,
    default: '1000000',
    help: 'Most swarms that the tracker knows at once; for one more, one of the emptiest is forgotten.',
    beyond: 'the emptiest goes',
    reasons: { swarm_evicted: 'swarms forgotten for others; always 0 with `tracker.store=redis`' },
  }),
  /** The most peers in all swarms together. For one more, one of the emptiest swarms is forgotten. */
  peers: limit({
    key: 'tracker.maxPeers',
    kind: kinds.count,
    default: '5000000',
    help: 'Most peers in all swarms together; for one more, one of the emptiest swarms is forgotten.',
    beyond: 'the emptiest swarm goes',
    reasons: { swarm_evicted: 'swarms forgotten for others; always 0 with `tracker.store=redis`' },
  }),
  /** The most peers in one swarm, over IPv4 and over IPv6 each, on Redis over both together. Others are answered and not recorded. */
  peersPerSwarm: limit({
    key: 'tracker.maxPeersPerSwarm',
    kind: kinds.count,
    default: '100000',
    help: 'Most peers in one swarm: over IPv4 and over IPv6 each, on Redis over both together. Others are answered and not recorded.',
    beyond: 'answered, not recorded; on Redis not counted',
    reasons: {
      peer_unrecorded: 'peers that are answered and not recorded; always 0 with `tracker.store=redis`',
    },
  }),
  /**
   * The most peers of one public address, over IPv6 of one /64, in one swarm, up to 1000; 8 times as many of a private
   * address, 16 times of an IPv6 /48. For one more, another of the same address is forgotten.
   */
  peersPerAddress: limit({
    key: 'tracker.maxPeersPerAddress',
    kind: kinds.countTo(1000),
    default: '16',
    help: 'Most peers of one public address, over IPv6 of one /64, in one swarm, up to 1000; 8 times as many of a private address, 16 times of an IPv6 /48. For one more, another of the same address is forgotten.',
    beyond:
      'another one of the same address is forgotten, half of its places are for uploaders; all are answered',
    reasons: {
      peer_replaced: 'peers forgotten for others of the same address; always 0 with `tracker.store=redis`',
    },
  }),
  /** The most peers in a response, up to 200. */
  numWant: limit({
    key: 'tracker.maxNumWant',
    kind: kinds.countTo(200),
    default: '200',
    help: 'Most peers in an answer, up to 200.',
    beyond: 'as many are given',
  }),
  /** The most clients connected to a port over TCP. For one more, the network with the most gives one up. */
  connections: limit({
    key: 'tracker.maxConnections',
    kind: kinds.count,
    default: '20000',
    help: 'Most TCP connections to each port at once; for one more, the network with the most gives one up.',
    beyond: 'the network with the most, an IPv4 /24 or an IPv6 /48, gives up the one that does the least',
    reasons: { connections: 'connections closed for newcomers' },
  }),
  /**
   * The most of these connections that are WebSockets, so that some are left for HTTP; 0: WebTorrent peers are not served.
   * For one more, the network with the most gives one up.
   */
  wsConnections: limit({
    key: 'tracker.maxWsConnections',
    kind: kinds.countOrOff,
    default: '15000',
    help: 'Most WebSockets of WebTorrent peers among the connections to each port; 0: none are taken.',
    beyond: 'the network with the most gives up the one that was silent for longest',
    reasons: { ws_connections: 'WebSockets closed for newcomers' },
  }),
  /** The most registered seeders. Others are refused. */
  seeders: limit({
    key: 'tracker.maxSeeders',
    kind: kinds.count,
    default: '20000',
    help: 'Most seeders registered at once; others are refused.',
    beyond: '507',
    shownBy: CATALOG_FULL,
  }),
  /**
   * The most torrents of all registered seeders together, each counted for each seeder that holds it: about 250 bytes of
   * memory for each torrent with a name of 30 characters, 20 more for each further seeder, and 150 for its swarm. Others
   * are refused.
   */
  holdings: limit({
    key: 'tracker.maxHoldings',
    kind: kinds.count,
    default: '5000000',
    help: 'Most torrents of all registered seeders together; others are refused.',
    beyond: '507 ([memory](#memory-of-registered-torrents))',
    shownBy: CATALOG_FULL,
  }),
  /** The most bytes of metainfo that seeders bring, all together. More is refused. */
  catalogBytes: limit({
    key: 'tracker.maxCatalogBytes',
    kind: kinds.bytes,
    default: '1073741824',
    help: 'Most bytes of metainfo that seeders bring, all together; more is refused.',
    beyond: '507',
    shownBy: CATALOG_FULL,
  }),
  /** The most registered seeders of one address, over IPv6 of one /48. Others are refused, unless they have an access token. */
  seedersPerAddress: limit({
    key: 'tracker.maxSeedersPerAddress',
    kind: kinds.count,
    default: '1000',
    help: 'Most seeders of one address, over IPv6 of one /48; others are refused, unless they have an access token.',
    beyond: '507, unless a token lets them in',
    shownBy: CATALOG_FULL,
  }),
  /** The most torrents of all seeders of one address, by the same rule. With their swarms they take 50 MB, hybrids with long names 95. */
  holdingsPerAddress: limit({
    key: 'tracker.maxHoldingsPerAddress',
    kind: kinds.count,
    default: '125000',
    help: 'Most torrents of all registered seeders of one address, in the same way.',
    beyond: '507, unless a token lets them in',
    shownBy: CATALOG_FULL,
  }),
  /** The most bytes of metainfo that the seeders of one address bring, by the same rule. */
  catalogBytesPerAddress: limit({
    key: 'tracker.maxCatalogBytesPerAddress',
    kind: kinds.bytes,
    default: '100663296',
    help: 'Most bytes of metainfo that the seeders of one address bring, in the same way.',
    beyond: '507, and the torrent is registered without it, unless a token lets it in; on Redis not bounded',
    shownBy: CATALOG_FULL,
  }),
  /**
   * The most requests of one address by the second, over all transports, and as many new connections; 0: any number. More
   * are told to ask again later, or are not answered.
   */
  requestsPerSecond: limit({
    key: 'tracker.requestsPerSecond',
    kind: kinds.countOrNone,
    default: '200',
    help: 'Requests that one address may make by the second, over all transports, and connections it may open; 0: any number.',
    note: 'Of IPv6, a subnet (/64) counts as one address. Addresses of this machine itself are not limited.',
    beyond: 'over HTTP told to ask again in a minute, or 429; over UDP not answered; connections are closed',
    reasons: REQUEST_REASONS,
  }),
  /** The most requests that one address may make at once, and connections that it may open at once. */
  requestBurst: limit({
    key: 'tracker.requestBurst',
    kind: kinds.count,
    default: '2000',
    help: 'Requests that one address may make at once, and connections that it may open at once.',
    beyond: 'the same',
    reasons: REQUEST_REASONS,
  }),
  /**
   * The most connections of one address; 0: any number. For one more, an idle one of it is closed; while none is idle, the
   * new one is turned away.
   */
  connectionsPerAddress: limit({
    key: 'tracker.connectionsPerAddress',
    kind: kinds.countOrNone,
    default: '1000',
    help: 'TCP connections that one address may have at once; for one more an idle one is closed; 0: any number.',
    beyond: 'an idle one of the address is closed, or else the new one',
    reasons: { connections_per_address: 'connections closed for others of the same address, and newcomers' },
  }),
};

/** The settings that say how clients reach the tracker, and what its front ends do for them. */
export const CLIENTS = {
  /**
   * Proxies that may say for whom they ask, by the PROXY protocol (version 1 or 2) or by `X-Forwarded-For`: addresses and
   * ranges such as `10.0.0.0/8`. List only those that always say one of the two. What others say is not read.
   */
  trustedProxies: setting({
    key: 'tracker.trustedProxies',
    kind: kinds.addressRanges,
    help: 'Addresses and ranges of proxies that say for whom they ask, by X-Forwarded-For or the PROXY protocol; not set: none.',
    note: 'As 127.0.0.1 10.0.0.0/8. Each of them has to say for whom it asks; what others say about that is not read.',
  }),
  /**
   * Names by which the web API is reached, as `tracker.example`, beside addresses, the name of this machine, names without
   * a dot, and those that end with `.localhost`, `.local`, `.internal` or `.home.arpa`. Browsers in the tracker's network,
   * and everyone on its machine, are refused by any other name: a web page could have its own name resolve to the tracker.
   */
  publicHosts: setting({
    key: 'tracker.publicHosts',
    kind: kinds.hostNames,
    help: 'Names by which browsers reach the web API, as tracker.example; not set: addresses, names in private networks and that of tracker.url.',
    note: 'By another name it takes no browser of its network, and nobody on its machine: a web page could have its own name resolve to the tracker. Names in private networks are the name of the machine, names without a dot, and those that end with .localhost, .local, .internal or .home.arpa.',
  }),
  /**
   * Origins of web pages that may use the web API, as `https://dashboard.example`; `*`: those of all others may look up.
   * Absent: none but pages of the tracker's own origin.
   */
  webOrigins: setting({
    key: 'tracker.webOrigins',
    kind: kinds.webOrigins,
    help: 'Origins of web pages that may use the web API, as https://dashboard.example; *: all others may look up; not set: none but its own.',
  }),
  /** Whether a scrape may be of all swarms at once. By default it has to name some. */
  fullScrape: setting({
    key: 'tracker.fullScrape',
    kind: kinds.yesOrNo,
    default: 'false',
    help: 'Whether a scrape may be of all swarms at once: true or false.',
    note: 'It is made anew every five minutes, and counts as 100 requests.',
  }),
  /**
   * Whether connections are sockets of Node's from their start, which costs twice as much. Unless given, announces and
   * scrapes over HTTP are answered on what is under sockets, on the versions of Node where that is as it is known.
   */
  plainSockets: setting({
    key: 'tracker.plainSockets',
    kind: kinds.yesOrNo,
    default: 'false',
    help: 'Whether connections are made of public parts of Node alone, at twice the cost of each: true or false.',
    note: "Otherwise announces over HTTP are answered on what is under Node's sockets, where this version of Node is known. Set it to true should that ever make trouble.",
  }),
};

/** The settings of TLS: the options in `tls`. */
export const TLS = {
  cert: setting({
    key: 'tracker.tls.cert',
    kind: kinds.text,
    help: 'File with the certificate for TLS, in PEM; not set: TLS is not spoken.',
    note: 'The certificates of its issuers are in the same file. The file is read again when it changes.',
  }),
  key: setting({
    key: 'tracker.tls.key',
    kind: kinds.text,
    help: 'File with the key of that certificate, in PEM.',
  }),
  required: setting({
    key: 'tracker.tls.required',
    kind: kinds.yesOrNo,
    default: 'false',
    help: 'Whether clients that speak no TLS are refused; if not, the same ports serve both.',
  }),
};

/** The settings that say who may do what; see docs/access.md. */
export const ACCESS = {
  /**
   * File with one info-hash a line, of 40 or 64 hex digits: those are served and no others. Read again whenever it
   * changes. By default all are served.
   */
  allowList: setting({
    key: 'tracker.allowList',
    kind: kinds.text,
    help: 'File of info-hashes, one a line: only these are served; not set: all are.',
    note: 'The file is read again when it changes. "#" stands before comments.',
  }),
  /** File of the same form: those info-hashes are not served, whatever the other list says. */
  denyList: setting({
    key: 'tracker.denyList',
    kind: kinds.text,
    help: 'File of info-hashes, one a line: they are not served.',
  }),
  /** File of access tokens, as `shoal token` and `createToken()` write it; it need not be there yet. */
  tokens: setting({
    key: 'tracker.tokens',
    kind: kinds.text,
    help: 'File of access tokens, which shoal token makes; not set: there are none.',
  }),
  /**
   * Whether a token is needed to announce and to scrape, as the passkey in `/PASSKEY/announce`, and to look up, as
   * `Authorization: Bearer`. Needs `tokens`.
   */
  isPrivate: setting({
    key: 'tracker.private',
    kind: kinds.yesOrNo,
    default: 'false',
    help: 'Whether announces and look-ups need a token: true or false.',
  }),
  /**
   * Whether seeders register without a token. Unless given: where there are no `tokens`, those on this machine do, and no
   * others.
   */
  openRegistration: setting({
    key: 'tracker.openRegistration',
    kind: kinds.yesOrNo,
    default: 'false',
    help: 'Whether seeders may register without a token: true or false. If not, those on this machine may, as long as tracker.tokens is not set.',
  }),
  /**
   * Whether the tracker connects to seeders that register, to find out whether others can reach them; true by
   * default. `false` is for a tracker that cannot connect to its seeders though their peers can: a seeder that names
   * another private address than its own is then believed.
   */
  checkSeeders: setting({
    key: 'tracker.checkSeeders',
    kind: kinds.yesOrNo,
    default: 'true',
    help: 'Whether the tracker connects to seeders that register, to find out whether others can reach them: true or false. If not, a seeder that names another private address than its own is believed.',
  }),
};

/** The setting that says where others find the tracker. It is no option of the tracker's. */
export const FINDING = {
  url: setting({
    key: 'tracker.url',
    kind: kinds.httpUrls,
    help: 'Where to find the tracker, as http://tracker.example:9910, or several trackers; not set: tracker.port at tracker.bind, or on this machine.',
    note: 'A private tracker takes the token behind its address: http://host:9910/TOKEN. Several addresses have spaces or commas between them.',
  }),
};

/** The groups of settings of the tracker, in the order in which they are told of. */
export const TRACKER_SETTINGS = [
  LISTENING,
  STORE,
  REDIS,
  ANNOUNCING,
  LIMITS,
  CLIENTS,
  TLS,
  ACCESS,
  FINDING,
] as const;

/** The seconds between announces by default: short, as a small team's swarms are young. */
export const DEFAULT_ANNOUNCE_INTERVAL = defaultOf(ANNOUNCING.announceInterval);
/** The seconds after which a seeder that does not renew is forgotten by default. */
export const DEFAULT_SEEDER_EXPIRY = defaultOf(ANNOUNCING.seederExpiry);

/** The limits of a tracker. A limit that is not given has the default of its setting, see docs/limits.md. */
export type TrackerLimits = OptionsOf<typeof LIMITS>;

type LimitRow = (typeof LIMITS)[keyof typeof LIMITS];

/** A reason under which the metrics count what a limit turns away. */
export type LimitReason = ReasonOf<LimitRow>;

type ReasonOf<Row> = Row extends Setting<number, string, string, infer Reason> ? Reason : never;

/** The reasons of all limits. */
export const LIMIT_REASONS = [
  ...new Set(Object.values<Setting>(LIMITS).flatMap(({ limit }) => Object.keys(limit?.reasons ?? {}))),
] as readonly LimitReason[];

/** The name of a limit within the tracker: that of its setting, without the component. */
type NameOf<Row> = Row extends { readonly key: `tracker.${infer Name}` } ? Name : never;

/** The limits by the names of their settings, as the parts of the tracker take those of them that they hold: `maxSwarms`. */
export type LimitValues = { readonly [Name in NameOf<LimitRow>]: number };

/** Names a limit within the tracker. */
export function limitName({ key }: Setting): keyof LimitValues {
  return key.slice('tracker.'.length) as keyof LimitValues;
}

/** The limits where nobody sets them. */
export const DEFAULT_LIMITS = Object.fromEntries(
  Object.values(LIMITS).map((row) => [limitName(row), defaultOf(row)]),
) as LimitValues;
