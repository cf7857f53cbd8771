// Offers a file, waits until the tracker knows it, and stops. A real seeder, such as `shoal seed`, would go on.
import { fileURLToPath } from 'node:url';
import { createSeeder } from 'shoal';
import { createTracker } from 'shoal/tracker';

const file = fileURLToPath(new URL('../data/aow.txt', import.meta.url));

const tracker = await createTracker({ host: '127.0.0.1', port: 0 });
try {
  const seeder = await createSeeder({
    tracker: tracker.url,
    paths: [file],
    onRegistered: ({ renewIn }) =>
      console.log(`Registered; the registration is renewed every ${renewIn} seconds`),
  });
  try {
    for (const { name, size, sha256 } of seeder.torrents)
      console.log(`Offering ${name}, ${size} bytes, ${sha256}`);
    await seeder.registered;
  } finally {
    await seeder.close();
  }
} finally {
  await tracker.close();
}
