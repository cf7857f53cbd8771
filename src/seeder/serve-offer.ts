import type { Session, Torrent } from '../session/index.ts';
import { FileStorage, type OpenFiles } from '../storage/index.ts';
import type { Closer, ReportError } from '../util/index.ts';
import type { Offer } from './offer.ts';
import { SeederError } from './seeder-error.ts';
import type { SeederOptions } from './seeder-options.ts';
import type { TorrentAnnounces } from './torrent-announces.ts';

/** The parts that serving an offer uses. */
export interface Serving {
  readonly options: SeederOptions;
  readonly session: Session;
  readonly openFiles: OpenFiles;
  readonly announces: TorrentAnnounces;
  readonly report: ReportError;
  /** Called when a file of the offer cannot be read any more. */
  readonly onFailed: (offer: Offer, reason: SeederError) => void;
}

/** An offer that peers can download. */
export interface ServedOffer {
  readonly torrent: Torrent;
  /** The parts to close, besides the torrent, when it is not served any more. */
  readonly closers: readonly Closer[];
}

/** Puts an offer into the session, so that peers can download it, and announces it if its torrent was made elsewhere. */
export function serveOffer(
  { options, session, openFiles, announces, report, onFailed }: Serving,
  offer: Offer,
): ServedOffer {
  const { metainfo, files } = offer;
  const storage = new FileStorage({
    files: metainfo.files.map(({ offset, length }, at) => ({
      offset,
      length,
      path: files[at]!.path,
      realPath: files[at]!.realPath,
    })),
    versions: files.map(({ version }) => version),
    mode: 'read',
    openFiles,
  });
  const torrent = session.add({
    metainfo,
    storage,
    limits: { up: options.limitUpPerTorrent },
    onFailed: (cause) => onFailed(offer, new SeederError('DISK', cause.message, { path: offer.path, cause })),
    onBadPeer: (name, error) => report(error, `upload to ${name}`),
    onDebug: (message) => options.onDebug?.(message),
  });
  const discovery = announces.start(offer, torrent);
  const closers = [
    { name: `announces of ${metainfo.name}`, close: () => discovery?.close() },
    { name: offer.path, close: () => storage.close() },
  ];
  return { torrent, closers };
}
