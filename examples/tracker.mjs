// Runs a tracker, and asks its web API for the seeders. A real tracker, such as `shoal tracker`, would go on.
import { createTracker } from 'shoal/tracker';

const tracker = await createTracker({ host: '127.0.0.1', port: 0 });
try {
  console.log(`Give seeders and clients the address ${tracker.url}`);
  const answer = await fetch(`${tracker.url}/api/v1/seeders`);
  const { total } = await answer.json();
  console.log(`Active seeders: ${total}`);
} finally {
  await tracker.close();
}
