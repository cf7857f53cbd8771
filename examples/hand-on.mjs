// Gets a file within a time limit, and then seeds it until it was uploaded once, so that others still get it when its first
// seeder has left. The example runs a tracker, that seeder and another client as well.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createSeeder, get } from 'shoal';
import { createTracker } from 'shoal/tracker';

const file = fileURLToPath(new URL('../data/aow.txt', import.meta.url));

const folder = await mkdtemp(join(tmpdir(), 'shoal-example-'));
const tracker = await createTracker({ host: '127.0.0.1', port: 0, openRegistration: true });
const seeder = await createSeeder({ tracker: tracker.url, paths: [file] });
const wanted = { tracker: tracker.url, sha256: seeder.torrents[0].sha256 };
try {
  await seeder.registered;
  const stop = new AbortController();
  // The deadline counts until the delivery only. A later abort would end the seeding.
  const deadline = setTimeout(() => stop.abort(new DOMException('too late', 'TimeoutError')), 30_000);
  let other;
  const { seconds, seeding } = await get({
    ...wanted,
    output: join(folder, 'first.txt'),
    signal: stop.signal,
    seedForMs: 60_000,
    seedRatio: 1,
    onDelivered: ({ path, size }) => {
      clearTimeout(deadline);
      console.log(`Got ${size} bytes as ${path}, and seeding them`);
      other = seeder.close().then(() => get({ ...wanted, output: join(folder, 'second.txt'), wait: true }));
    },
  });
  console.log(
    `Delivered in ${seconds.toFixed(1)} seconds; uploaded ${seeding.uploaded} bytes after that (${seeding.end})`,
  );
  const { sources } = await other;
  console.log(`The other client got it from ${sources} peer`);
} finally {
  await seeder.close();
  await tracker.close();
  await rm(folder, { recursive: true });
}
