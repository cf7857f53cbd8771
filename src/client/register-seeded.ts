import { encodeMetainfo } from '../metainfo/index.ts';
import { SeederRegistration } from '../tracker-client/index.ts';
import { toHex, withoutSecrets } from '../util/index.ts';
import type { DownloadResources } from './download-resources.ts';
import type { TorrentCandidate } from './find.ts';

/**
 * Registers a torrent that a `get` seeds with the trackers that know it, so that others find it there after the first seeder
 * has left. Failures matter only to somebody who looks for a fault: such a tracker still hands out the peer by its announces.
 *
 * @param trackers the addresses of the trackers that named the torrent
 * @returns the registrations, which have begun
 */
export function registerSeeded(
  { metainfo, sha256 }: TorrentCandidate,
  trackers: readonly string[],
  { session, peerId, ports, clock, random, report, debug }: DownloadResources,
): SeederRegistration[] {
  const { infoHash, name, length: size } = metainfo;
  const torrent = {
    infoHash,
    name,
    size,
    ...(sha256 !== undefined && { sha256 }),
    metainfo: encodeMetainfo(metainfo),
  };
  return trackers.map((trackerUrl) => {
    const tellFailure = (error: Error) =>
      debug(`Cannot register ${name} with ${withoutSecrets(trackerUrl)}: ${error.message}`);
    const registration = new SeederRegistration({
      trackerUrl,
      seeder: { port: session.address.port, peerId: toHex(peerId) },
      torrents: () => [torrent],
      onRegistered: () => {},
      onFailure: tellFailure,
      onRefused: tellFailure,
      ports,
      clock,
      random,
      report,
    });
    registration.start();
    return registration;
  });
}
