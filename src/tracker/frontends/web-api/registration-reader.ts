import { z } from 'zod';
import {
  announcedTorrentSchema,
  MAX_INLINE_METAINFO_BYTES,
  MAX_TORRENTS_PER_SEEDER,
  registrationSchema,
} from '../../../tracker-protocol/index.ts';
import type { InfoHash } from '../../../util/index.ts';
import {
  type CheckedRegistration,
  type CheckedTorrent,
  checkAnnouncedTorrent,
} from '../../registry/index.ts';
import { JsonListReader } from './json-list-reader.ts';
import { type Issue, invalid, MAX_PROBLEM_ERRORS } from './problems.ts';

/** Bytes of one torrent in a registration, including its metainfo in base64. */
const MAX_TORRENT_BYTES = 256 * 1024;
/** Bytes of a registration without its torrents. */
const MAX_SEEDER_BYTES = 16 * 1024;
/** Values of one torrent, and values of all the rest. Unknown values are ignored. */
const MAX_TORRENT_VALUES = 128;
const MAX_REGISTRATION_DEPTH = 16;

/** The schema of a registration without its torrents. */
const seederSchema = registrationSchema.extend({
  torrents: z.array(z.unknown()).max(0, 'must be written under that name'),
});

/**
 * Reads a registration as it arrives, and checks each torrent as soon as it is whole. So a part of 64 KiB takes no more than
 * some milliseconds, and an invalid registration is refused before the rest of it is read.
 */
export class RegistrationReader {
  readonly #torrents = new Map<InfoHash, CheckedTorrent>();
  readonly #issues: Issue[] = [];
  readonly #reader = new JsonListReader({
    name: 'torrents',
    maxRestBytes: MAX_SEEDER_BYTES,
    maxItems: MAX_TORRENTS_PER_SEEDER,
    maxItemBytes: MAX_TORRENT_BYTES,
    maxTextBytes: 4 * Math.ceil(MAX_INLINE_METAINFO_BYTES / 3),
    maxDepth: MAX_REGISTRATION_DEPTH,
    maxValues: MAX_TORRENT_VALUES,
    onItem: (torrent, place) => this.#check(torrent, place),
  });

  /**
   * Goes on with the next part.
   *
   * @throws {JsonError}
   * @throws {RegistryError} BAD_FIELD
   * @throws {ProblemError} 400, once as many faults were found as a problem document names
   */
  push(part: Uint8Array): void {
    this.#reader.push(part);
  }

  /** Ends the registration. It throws as {@link push} does, and 400 for any number of faults. */
  finish(): CheckedRegistration {
    const read = seederSchema.safeParse(this.#reader.finish());
    if (!read.success) throw invalid('body', [...this.#issues, ...read.error.issues]);
    if (this.#issues.length > 0) throw invalid('body', this.#issues);
    const { host, port, peerId } = read.data;
    return { host, port, peerId, torrents: this.#torrents };
  }

  #check(torrent: unknown, place: number): void {
    const read = announcedTorrentSchema.safeParse(torrent);
    if (!read.success) {
      this.#note(read.error.issues, place);
      return;
    }
    const checked = checkAnnouncedTorrent(read.data, `torrents.${place}`);
    const { infoHash } = checked.torrent;
    if (!this.#torrents.has(infoHash)) this.#torrents.set(infoHash, checked);
  }

  #note(issues: readonly Issue[], place: number): void {
    for (const { path, message } of issues) {
      this.#issues.push({ path: ['torrents', place, ...path], message });
    }
    if (this.#issues.length >= MAX_PROBLEM_ERRORS) throw invalid('body', this.#issues);
  }
}
