import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import {
  Disposables,
  freePort,
  makeFile,
  type SpawnedProcess,
  sha256Of,
  tempFolder,
} from '../support/index.ts';
import { eventsOf, runShoal, shoal, startSeeder, startTracker, untilEventOf } from './shoal.ts';

const CLIENTS = 4;

function namesOf(client: SpawnedProcess): string[] {
  return eventsOf(client)
    .map(({ event }) => event)
    .filter((event) => event !== 'progress');
}

describe('shoal get --wait', () => {
  test('gets a file whose tracker and seeder start later, on many machines', async () => {
    await using folder = await tempFolder();
    const sha256 = await makeFile(folder.join('a.bin'), 300_000, 'waiting');
    const port = String(await freePort());
    const url = `http://127.0.0.1:${port}`;
    const clients: SpawnedProcess[] = [];
    await using owned = new Disposables();
    for (let index = 0; index < CLIENTS; index += 1) {
      const target = index % 2 === 0 ? 'a.bin' : sha256;
      const output = folder.join(`got-${index}.bin`);
      clients.push(
        owned.use(await shoal(['get', target, '--tracker', url, '--wait', '-o', output, '--json'])),
      );
    }
    for (const client of clients)
      await client.waitForLine(/"phase":"waiting".*"waitingFor":".*nobody listens there/);
    await using tracker = await startTracker({ port });
    for (const client of clients) await client.waitForLine(/"phase":"waiting".*"waitingFor":"No seeder has/);
    await using _seeder = await startSeeder(tracker, folder.join('a.bin'));
    for (const [index, client] of clients.entries()) {
      await client.exitsWith(0);
      expect(eventsOf(client).at(-1)).toMatchObject({ event: 'done', sha256 });
      expect(await sha256Of(folder.join(`got-${index}.bin`))).toBe(sha256);
    }
  });

  test('ends with 4 at its deadline, and says what it has waited for', async () => {
    await using tracker = await startTracker();
    const args = ['get', 'nothing.bin', '--tracker', tracker.url, '--wait', '--timeout', '2s'];
    const failed = await runShoal(args, 4);
    expect(failed).toMatchObject({ code: 'TIMED_OUT' });
    expect(failed['message']).toMatch(
      /of waiting for a seeder\. No seeder has "nothing\.bin", says the tracker/,
    );
  });

  test('ends with 7 at once when the tracker wants a token', async () => {
    const server = createServer((_, response) => response.writeHead(401).end()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const failed = await runShoal(['get', 'a.bin', '--tracker', url, '--wait'], 7);
    expect(failed['message']).toMatch(/HTTP status 401/);
    server.close();
  });
});

describe('shoal get --stall', () => {
  test('ends with 4 when its only seeder is stopped, and says why', async () => {
    await using folder = await tempFolder();
    await makeFile(folder.join('a.bin'), 300_000, 'stalling');
    await using tracker = await startTracker();
    await using seeder = await startSeeder(tracker, folder.join('a.bin'));
    seeder.process.kill('SIGSTOP');
    const args = ['get', 'a.bin', '--tracker', tracker.url, '--stall', '2s', '-o', folder.join('got.bin')];
    const failed = await runShoal(args, 4);
    seeder.process.kill('SIGCONT');
    expect(failed).toMatchObject({ code: 'STALLED', peers: { known: 1 } });
    expect(failed['message']).toMatch(
      /^Nothing came for 2 s, and nobody had a piece that is missing: 1 peer known/,
    );
  });
});

describe('shoal get --seed-for', () => {
  test('hands the file on after the first seeder has left, and ends with 0 at Ctrl-C', async () => {
    await using folder = await tempFolder();
    const sha256 = await makeFile(folder.join('a.bin'), 300_000, 'seeding');
    await using tracker = await startTracker();
    const seeder = await startSeeder(tracker, folder.join('a.bin'));
    const args = ['get', 'a.bin', '--tracker', tracker.url];
    const seeding = ['--seed-for', '1h', '--timeout', '30s', '--json'];
    await using first = await shoal([...args, '-o', folder.join('first.bin'), ...seeding]);
    await untilEventOf(first, 'seeding');
    await seeder[Symbol.asyncDispose]();
    const second = await runShoal([...args, '-o', folder.join('second.bin'), '--wait']);
    expect(second).toMatchObject({ event: 'done', sha256, sources: 1 });
    first.kill('SIGINT');
    await first.exitsWith(0);
    expect(namesOf(first)).toEqual(['done', 'seeding', 'stopped']);
    expect(eventsOf(first).at(-1)).toMatchObject({ end: 'stopped', uploaded: 300_000 });
  });

  test('seeds what was there already until the ratio is reached', async () => {
    await using folder = await tempFolder();
    await makeFile(folder.join('a.bin'), 300_000, 'seeding');
    await using tracker = await startTracker();
    const seeder = await startSeeder(tracker, folder.join('a.bin'));
    const args = ['get', 'a.bin', '--tracker', tracker.url];
    await runShoal([...args, '-o', folder.join('there.bin')]);
    await using again = await shoal([...args, '-o', folder.join('there.bin'), '--seed-ratio', '1', '--json']);
    expect(await untilEventOf(again, 'done')).toMatchObject({ wasThere: true });
    await seeder[Symbol.asyncDispose]();
    await runShoal([...args, '-o', folder.join('other.bin'), '--wait']);
    await again.exitsWith(0);
    expect(eventsOf(again).at(-1)).toMatchObject({ event: 'stopped', end: 'ratio', uploaded: 300_000 });
  });
});
