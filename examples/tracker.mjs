// Runs a tracker, and asks its web API who is there. A real one would go on: `shoal tracker` does.
import { createTracker } from 'shoal/tracker';

const tracker = await createTracker({ host: '127.0.0.1', port: 0 });
try {
  console.log(`Seeders and clients are given ${tracker.url}`);
  const answer = await fetch(`${tracker.url}/api/v1/seeders`);
  const { total } = await answer.json();
  console.log(`Active seeders: ${total}`);
} finally {
  await tracker.close();
}
