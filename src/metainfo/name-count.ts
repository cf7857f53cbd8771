import { MetainfoError } from './errors.ts';
import { MAX_NAMES, MAX_NEW_NAMES } from './limits.ts';

/** A count of the names in the paths of the files of one torrent, which must not be too many. */
export class NameCount {
  #names = 0;
  #newNames = 0;

  /** @throws {MetainfoError} `TOO_LARGE` */
  add(names: number, newNames: number): void {
    this.#names += names;
    this.#newNames += newNames;
    if (this.#names <= MAX_NAMES && this.#newNames <= MAX_NEW_NAMES) return;
    const most = this.#names > MAX_NAMES ? `${MAX_NAMES} names` : `${MAX_NEW_NAMES} different names`;
    throw new MetainfoError(
      'TOO_LARGE',
      `Cannot use this torrent: the paths of its files have more than ${most} in all`,
    );
  }
}
