import { mkdir } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { FakeClock, pollUntil, tempFolder } from '../../../test/support/index.ts';
import { SmallSwarms } from '../../../test/support/tracker/small-swarms.ts';
import { seededRandom } from '../../util/index.ts';
import { MemorySwarmStore } from '../swarms/memory/index.ts';
import { SwarmSnapshots } from './swarm-snapshots.ts';

const SECOND = 1000;

/** A store that counts how often its changes were taken to be saved. */
class CountingStore extends MemorySwarmStore {
  snapshots = 0;

  override takeChanged(): boolean {
    const hasChanged = super.takeChanged();
    if (hasChanged) this.snapshots += 1;
    return hasChanged;
  }
}

/** A tracker's swarms, with snapshots in a folder. */
class Run {
  readonly clock = new FakeClock();
  readonly store = new CountingStore({ peerTtl: 3_600_000, random: seededRandom(1) });
  readonly swarms = new SmallSwarms(this.store);
  readonly reported: string[] = [];
  readonly kept: SwarmSnapshots;

  constructor(folder: string) {
    const { clock, store } = this;
    const report = (error: Error, context: string): void => {
      this.reported.push(`${context}: ${error.message}`);
    };
    this.kept = new SwarmSnapshots({ store, folder, clock, wallTime: () => clock.now(), report });
    this.kept.start();
  }

  /** Advances the clock, and waits until snapshots that were begun are written. */
  async wait(ms: number): Promise<void> {
    const before = this.store.snapshots;
    this.clock.advance(ms);
    if (this.store.snapshots > before) await this.kept.save().catch(() => undefined);
  }
}

async function savedPeers(path: string): Promise<number> {
  const run = new Run(path);
  await run.kept.restore();
  return run.store.stats().peers;
}

describe('SwarmSnapshots', () => {
  test('saves a peer a second after its announce, and one that left', async () => {
    await using folder = await tempFolder();
    const run = new Run(folder.path);
    await run.swarms.announce(1, 'seeder');
    run.clock.advance(SECOND);
    await pollUntil('the peer is saved', async () => (await savedPeers(folder.path)) === 1 || undefined);
    await run.kept.save();
    await run.swarms.leave(1);
    run.clock.advance(5 * SECOND);
    await pollUntil('the peer is gone', async () => (await savedPeers(folder.path)) === 0 || undefined);
    await run.kept.save();
  });

  test('makes no snapshot while nobody announces, and one every 5 seconds while peers do', async () => {
    await using folder = await tempFolder();
    const run = new Run(folder.path);
    await run.wait(600 * SECOND);
    expect(run.store.snapshots).toBe(0);
    for (let second = 0; second < 30; second += 1) {
      await run.swarms.announce(second, 'downloader');
      await run.wait(SECOND);
    }
    expect(run.store.snapshots).toBe(6);
    await run.wait(600 * SECOND);
    expect(run.store.snapshots).toBe(7);
  });

  test('makes a large snapshot as much more rarely as it is larger', async () => {
    await using folder = await tempFolder();
    const run = new Run(folder.path);
    // A swarm of one peer takes 82 bytes, and there are 256 KiB a second.
    for (let swarm = 1; swarm <= 30_000; swarm += 1) await run.swarms.announce(swarm, 'seeder', { swarm });
    await run.wait(SECOND);
    for (let second = 1; second < 40; second += 1) {
      await run.swarms.announce(1, 'seeder');
      await run.wait(SECOND);
    }
    expect(run.store.snapshots).toBe(1 + Math.floor(39 / 10));
  });

  test('says once that it cannot save, and tries again until it can', async () => {
    await using folder = await tempFolder();
    const state = folder.join('state');
    const run = new Run(state);
    await run.swarms.announce(1, 'seeder');
    for (let second = 0; second < 120; second += 1) {
      run.clock.advance(SECOND);
      await run.kept.save().catch(() => undefined);
    }
    expect(run.reported).toEqual([
      expect.stringMatching(/^save the swarms, and will try again every 30 s: ENOENT/),
    ]);
    await mkdir(state);
    run.clock.advance(30 * SECOND);
    await pollUntil('the peer is saved', async () => (await savedPeers(state)) === 1 || undefined);
    expect(run.reported).toHaveLength(1);
    await run.kept.save();
  });
});
