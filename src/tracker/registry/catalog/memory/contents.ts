import type { InfoHash, Turns } from '../../../../util/index.ts';
import type { StoredSeeder, StoredTorrent } from '../catalog.ts';
import { agreesWith, type ProvenContent, withContent } from '../proven-content.ts';
import type { Descriptions } from './descriptions.ts';
import type { HeldList } from './held-list.ts';
import type { Holders } from './holders.ts';
import { NO_ROW } from './number-table.ts';
import { type SeederEntries, seederIn } from './seeder-entries.ts';
import type { Torrents } from './torrents.ts';

/** The contents in the descriptions of torrents, and how they are corrected when a metainfo proves another one. */
export class Contents {
  readonly #torrents: Torrents;
  readonly #descriptions: Descriptions;
  readonly #holders: Holders;
  readonly #seeders: SeederEntries;
  readonly #turns: Turns;

  constructor(
    torrents: Torrents,
    descriptions: Descriptions,
    holders: Holders,
    seeders: SeederEntries,
    turns: Turns,
  ) {
    this.#torrents = torrents;
    this.#descriptions = descriptions;
    this.#holders = holders;
    this.#seeders = seeders;
    this.#turns = turns;
  }

  /** Gives the content of a torrent, by its row, in its oldest description; all have the same when there is metainfo. */
  of(torrent: number): ProvenContent {
    const first = this.#torrents.firstOf(torrent);
    return first === NO_ROW ? {} : this.#descriptions.read(first);
  }

  /** Says whether all descriptions of a torrent have a content. */
  agree(infoHash: InfoHash, content: ProvenContent): boolean {
    const torrent = this.#torrents.find(infoHash);
    if (torrent === -1) return true;
    for (const description of this.#descriptions.of(torrent)) {
      if (!agreesWith(this.#descriptions.read(description), content)) return false;
    }
    return true;
  }

  /** Gives a torrent that is in the catalog with the content that is stored of it. */
  corrected(torrent: StoredTorrent): StoredTorrent {
    const content = this.of(this.#torrents.find(torrent.infoHash));
    return agreesWith(torrent, content) ? torrent : withContent(torrent, content);
  }

  /**
   * Replaces the content in all descriptions of a torrent. It is part of a change, so that no list is being made meanwhile.
   *
   * @returns the seeders whose lists have changed
   */
  async correct(infoHash: InfoHash, content: ProvenContent): Promise<readonly StoredSeeder[]> {
    const corrected: StoredSeeder[] = [];
    const torrent = this.#torrents.find(infoHash);
    for (const number of torrent === -1 ? [] : [...this.#holders.of(torrent)]) {
      const entry = this.#seeders.numbered(number);
      if (entry === undefined) continue;
      const at = this.#placeIn(entry.list, torrent);
      const [old] = entry.list.from(at);
      const described = this.#descriptions.read(old!);
      if (!agreesWith(described, content)) {
        entry.list.replace(at, this.#descriptions.hold(withContent(described, content)));
        this.#descriptions.release(old!);
        corrected.push(seederIn(entry));
      }
      await this.#turns.next();
    }
    return corrected;
  }

  /** Gives the place of a torrent in the list of a seeder that holds it. */
  #placeIn(list: HeldList, torrent: number): number {
    let at = 0;
    for (const description of list.from(0)) {
      if (this.#descriptions.torrentOf(description) === torrent) return at;
      at += 1;
    }
    return at;
  }
}
