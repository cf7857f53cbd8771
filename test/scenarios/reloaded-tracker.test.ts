import { describe, expect, test } from 'vitest';
import { announceQuery, TestTracker } from '../support/tracker/test-tracker.ts';

async function announce(tracker: TestTracker, number: number, more?: string): Promise<string> {
  return (await tracker.fetch(`/announce?${announceQuery(number, more)}`)).text();
}

function intervalIn(answer: string): number {
  return Number(/8:intervali(\d+)e/.exec(answer)![1]);
}

describe('reload()', () => {
  test('changes the intervals that peers are told', async () => {
    await using tracker = await TestTracker.start({ announceInterval: 1000, youngInterval: 10 });
    expect(intervalIn(await announce(tracker, 1))).toBeLessThanOrEqual(11);
    tracker.tracker.reload({ announceInterval: 1000, youngInterval: 500 });
    expect(intervalIn(await announce(tracker, 1))).toBeGreaterThanOrEqual(500);
  });

  test('changes the time after which peers are forgotten', async () => {
    await using tracker = await TestTracker.start({ announceInterval: 10_000 });
    await announce(tracker, 1);
    tracker.tracker.reload({ announceInterval: 10 });
    tracker.clock.advance(27_000);
    expect(await announce(tracker, 2)).toContain('8:completei1e');
  });

  test('changes limits, and returns omitted ones to their defaults', async () => {
    await using tracker = await TestTracker.start({ limits: { peersPerSwarm: 1 } });
    await announce(tracker, 1);
    expect(await announce(tracker, 2)).toContain('8:completei1e');
    tracker.tracker.reload({});
    expect(await announce(tracker, 2)).toContain('8:completei2e');
    tracker.tracker.reload({ limits: { numWant: 1 } });
    expect(await announce(tracker, 3, 'left=1&compact=1')).toContain('5:peers6:');
  });

  test('changes nothing when a rule is not valid', async () => {
    await using tracker = await TestTracker.start({ youngInterval: 50 });
    expect(() => tracker.tracker.reload({ youngInterval: 10, limits: { peers: 0 } })).toThrow(
      /^limits\.peers must be 1 to \d+, found 0$/,
    );
    expect(intervalIn(await announce(tracker, 1))).toBeGreaterThanOrEqual(50);
  });
});
