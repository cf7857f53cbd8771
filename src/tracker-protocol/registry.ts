import { z } from 'zod';
import { MAX_FILES } from '../metainfo/index.ts';
import { MAX_TORRENTS_PER_SEEDER } from './registry-limits.ts';

/**
 * The schemas of the web API, by which seeders register and clients look up. It is Shoal's own and no BEP; both ends use the
 * same schema.
 */

const infoHash = z.string().regex(/^[0-9a-f]{40}$/, 'must be 40 lower-case hex digits');
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hex digits');
const size = z.int().min(0);
const files = z.int().min(1).max(MAX_FILES);
const port = z.int().min(1).max(65535);

/** A torrent as a seeder announces it to the registry. */
export const announcedTorrentSchema = z.object({
  infoHash,
  /** The second info-hash of a hybrid, the first 20 bytes of its v2 hash. The seeder joins that swarm as well. */
  infoHashV2: infoHash.optional(),
  /** The name of the file or folder. */
  name: z.string().min(1).max(255),
  /** Bytes of all files. */
  size,
  /** The SHA-256 of the whole file; `undefined` for a folder. */
  sha256: sha256.optional(),
  /** The content id of a folder; never given together with `sha256`. The tracker checks it by the metainfo. */
  contentId: sha256.optional(),
  /** The number of files of a folder; `undefined` for a single file. The tracker checks it by the metainfo. */
  files: files.optional(),
  /**
   * The `.torrent` in base64. If it is left out, the response names the torrent under `missing` when the tracker has no
   * metainfo of it. One that is larger than {@link MAX_INLINE_METAINFO_BYTES} counts as left out.
   */
  metainfo: z.base64().optional(),
});
export type AnnouncedTorrent = z.infer<typeof announcedTorrentSchema>;

/** The body of `POST /api/v1/seeders`. */
export const registrationSchema = z.object({
  /** The IP address at which peers reach the seeder; if it is left out, the address from which the request comes. */
  host: z.string().max(45).optional(),
  port,
  /** The peer id of the seeder, 20 bytes in hex. */
  peerId: infoHash,
  torrents: z.array(announcedTorrentSchema).max(MAX_TORRENTS_PER_SEEDER),
});
export type Registration = z.infer<typeof registrationSchema>;

/** The response to a registration, and to a renewal. */
export const registrationResponseSchema = z.object({
  /** The public name of the seeder. */
  id: z.string(),
  /**
   * The secret token for `Authorization: Bearer …` of the calls that renew, leave or upload. Only the response to POST has
   * it.
   */
  token: z.string().optional(),
  host: z.string(),
  port,
  /** The seconds after which the seeder should renew, and those after which it is forgotten. */
  renewIn: z.number(),
  expiresIn: z.number(),
  /**
   * The info-hashes of torrents for which the tracker has no metainfo yet. The seeder sends it by `PUT
   * /api/v1/torrents/{infoHash}.torrent`.
   */
  missing: z.array(infoHash),
  /** The info-hashes of torrents that the tracker does not serve and has not taken. */
  refused: z.array(infoHash).optional(),
  /** Whether the seeder answered when the tracker connected to it; absent while that is not known, or not checked. */
  reachable: z.boolean().optional(),
});
export type RegistrationResponse = z.infer<typeof registrationResponseSchema>;

/** A seeder in the list of `GET /api/v1/seeders`. */
export const listedSeederSchema = z.object({
  id: z.string(),
  host: z.string(),
  port,
  /** The number of torrents that it holds. */
  torrents: z.number(),
  /** Whether it answered when the tracker connected to it; `undefined` while that is unknown or not checked. */
  reachable: z.boolean().optional(),
  registeredAt: z.iso.datetime(),
  seenAt: z.iso.datetime(),
});
export type ListedSeeder = z.infer<typeof listedSeederSchema>;
export const seederListSchema = z.object({
  seeders: z.array(listedSeederSchema),
  /** The number of all seeders. */
  total: z.number(),
  /** The value of `?after=` for the next page; `undefined` on the last page. */
  next: z.string().optional(),
});
export type SeederList = z.infer<typeof seederListSchema>;

/** A torrent in the list of `GET /api/v1/torrents?name=&size=&sha256=&id=&infoHashV2=`. */
export const listedTorrentSchema = z.object({
  infoHash,
  infoHashV2: infoHash.optional(),
  name: z.string(),
  size,
  /** The SHA-256 of the whole file; `undefined` for a folder, and when no seeder has told it. */
  sha256: sha256.optional(),
  /** The content id of a folder; `undefined` for a single file, and for a folder that has none. */
  contentId: sha256.optional(),
  /** The number of files of a folder; `undefined` for a single file, and when it is unknown. */
  files: files.optional(),
  /** The number of registered seeders that hold it. */
  seeders: z.number(),
});
export type ListedTorrent = z.infer<typeof listedTorrentSchema>;
export const torrentListSchema = z.object({
  torrents: z.array(listedTorrentSchema),
  total: z.number(),
  next: z.string().optional(),
});
export type TorrentList = z.infer<typeof torrentListSchema>;

/**
 * A seeder by itself, of `GET /api/v1/seeders/{id}`: the same fields as in a list, and one page of the torrents that it
 * holds.
 */
export const detailedSeederSchema = listedSeederSchema.extend({
  holds: z.array(listedTorrentSchema.omit({ seeders: true })),
  next: z.string().optional(),
});
export type DetailedSeeder = z.infer<typeof detailedSeederSchema>;

/** A torrent by itself, of `GET /api/v1/torrents/{infoHash}`: the same fields as in a list, and the seeders that hold it. */
export const detailedTorrentSchema = listedTorrentSchema.extend({
  /** The seeders that hold it; those that can be reached come first. */
  heldBy: z.array(z.object({ id: z.string(), host: z.string(), port, reachable: z.boolean().optional() })),
});
export type DetailedTorrent = z.infer<typeof detailedTorrentSchema>;

/** A problem: `application/problem+json`. @see RFC 9457 */
export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number(),
  detail: z.string().optional(),
  /** The fields of the request that are wrong, and what is wrong with each. */
  errors: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
});
export type Problem = z.infer<typeof problemSchema>;
