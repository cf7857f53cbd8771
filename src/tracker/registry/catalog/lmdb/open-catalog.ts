import { TrackerStartError } from '../../../errors/index.ts';
import { beginAnew, findDefect } from './begin-anew.ts';
import { findCrash } from './find-crash.ts';
import { LmdbCatalog, type LmdbCatalogOptions } from './lmdb-catalog.ts';

/**
 * Opens the catalog of the last run. If its file is damaged, it is first replaced by a new one with all entries that are as
 * they were written, because LMDB would write into the damaged one and lose that again.
 *
 * @throws {TrackerStartError} NO_LMDB, CANNOT_KEEP_STATE, BAD_STATE
 */
export async function openCatalog(options: LmdbCatalogOptions): Promise<LmdbCatalog> {
  const { path, report } = options;
  const defect = (await findDefect(path)) ?? (await findCrash(path));
  if (defect === undefined) {
    try {
      return await LmdbCatalog.open(options);
    } catch (thrown) {
      if (!(thrown instanceof TrackerStartError) || thrown.code !== 'DAMAGED_STATE') throw thrown;
      await renew(thrown.message);
    }
  } else await renew(defect);
  return LmdbCatalog.open(options);

  async function renew(what: string): Promise<void> {
    const { aside, seeders, metainfo } = await beginAnew(path);
    const message =
      `The catalog in ${path} was damaged (${what}), and is kept in ${aside}. A new one has the ${seeders} seeders and ` +
      `${metainfo} metainfo of it that are as they were written; others bring theirs again by themselves`;
    report(new TrackerStartError('DAMAGED_STATE', message), 'read the catalog');
  }
}
