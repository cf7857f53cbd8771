// Gets a file by its SHA-256 from all seeders that have it, within a time limit. The example runs a tracker and a seeder as
// well, so that there is a seeder.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createSeeder, GetError, get } from 'shoal';
import { createTracker } from 'shoal/tracker';

const file = fileURLToPath(new URL('../data/aow.txt', import.meta.url));

const folder = await mkdtemp(join(tmpdir(), 'shoal-example-'));
const tracker = await createTracker({ host: '127.0.0.1', port: 0 });
const seeder = await createSeeder({ tracker: tracker.url, paths: [file] });
try {
  await seeder.registered;
  const { path, size, seconds } = await get({
    tracker: tracker.url,
    sha256: seeder.torrents[0].sha256,
    output: join(folder, 'copy.txt'),
    signal: AbortSignal.timeout(30_000),
    onProgress: ({ phase, done, total }) => console.log(`${phase}: ${done} of ${total} bytes`),
  });
  console.log(`Got ${size} bytes in ${seconds.toFixed(1)} seconds as ${path}`);

  // Every kind of failure has a code of its own.
  await get({ tracker: tracker.url, sha256: '0'.repeat(64) }).catch((error) => {
    if (!(error instanceof GetError)) throw error;
    console.log(`${error.code}: ${error.message}`);
  });
} finally {
  await seeder.close();
  await tracker.close();
  await rm(folder, { recursive: true });
}
