export { type Aria2, type Aria2Options, startAria2Download, startAria2Seed } from './aria2.ts';
export { type BadDialer, DIALER_MISBEHAVIOURS, type DialerMisbehaviour, dialBadly } from './bad-dialer.ts';
export { type BadPeer, startBadPeer } from './bad-peer.ts';
export {
  type BadTracker,
  startBadTracker,
  TRACKER_MISBEHAVIOURS,
  type TrackerMisbehaviour,
} from './bad-tracker.ts';
export { type BittorrentTrackerServer, startBittorrentTracker } from './bittorrent-tracker-server.ts';
export { makeCertificate } from './certificate.ts';
export { contentOf, filesIn, makeFile, sha256Of } from './content.ts';
export { Disposables } from './disposables.ts';
export { FakeClock } from './fake-clock.ts';
export { freePort, onFreePort } from './free-port.ts';
export { type HangingDisk, hangingDisk } from './hanging-disk.ts';
export {
  type LibtorrentPeer,
  type LibtorrentStatus,
  type LibtorrentTorrent,
  startLibtorrent,
  type TorrentDescription,
} from './libtorrent.ts';
export { LocalServers } from './local-servers.ts';
export { LocalUdpTracker, type UdpResponseOf } from './local-udp-tracker.ts';
export { MemoryStorage } from './memory-storage.ts';
export { makeByMktorrent } from './mktorrent.ts';
export { type NetworkNamespace, networkNamespace } from './network-namespace.ts';
export { offerOf } from './offer-of.ts';
export { type Opentracker, type OpentrackerOptions, startOpentracker } from './opentracker.ts';
export { PEER_MISBEHAVIOURS, type PeerMisbehaviour } from './peer-misbehaviours.ts';
export { hasPeer, missingPackages, missingPeers, PEERS, type Peer, requirePeers } from './peers.ts';
export { runProcess, SpawnedProcess, type SpawnOptions, spawnProcess } from './process.ts';
export { type Proxy, startHaproxy, startNginx } from './proxies.ts';
export { type Qbittorrent, startQbittorrent } from './qbittorrent.ts';
export { type RedisCluster, type RedisServer, startRedis, startRedisCluster } from './redis.ts';
export { repositoryRoot } from './root.ts';
export { announcePeer, percentEncoded, type Scrape, scrape, untilSeeders } from './scrape.ts';
export { type TempFolder, tempFolder } from './temp-folder.ts';
export { deadline, PATIENCE_MS, pollUntil, untilEvent } from './time.ts';
export { type SmallDisk, smallDisk } from './tmpfs.ts';
export { startTransmission, type Transmission, type TransmissionTorrent } from './transmission.ts';
export { startWebTorrentClient, type WebTorrentClient } from './web-torrent.ts';
