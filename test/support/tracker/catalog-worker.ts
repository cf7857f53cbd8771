import { LmdbCatalog } from '../../../src/tracker/registry/catalog/lmdb/index.ts';
import { systemClock } from '../../../src/util/index.ts';
import { BURST, registrationNumber } from './numbered-registrations.ts';

// A process that registers seeders without end, until it is killed. `node catalog-worker.js FILE FIRST` goes on with
// registration FIRST, and prints the number of the last one each time that all before are in the file.

const [path, first] = process.argv.slice(2);
const catalog = await LmdbCatalog.open({
  path: path!,
  clock: systemClock,
  toWallTime: (at) => at,
  report: (error) => {
    throw error;
  },
});
for (let number = Number(first); ; number += 1) {
  const { seeder, torrent, metainfo } = registrationNumber(number);
  await catalog.put(seeder, [torrent]);
  await catalog.addMetainfo(torrent.infoHash, metainfo);
  if (number % BURST > 0) continue;
  await catalog.flush();
  console.log(number);
}
