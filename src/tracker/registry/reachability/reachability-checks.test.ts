import { describe, expect, test } from 'vitest';
import { FakeClock } from '../../../../test/support/index.ts';
import { type Connection, type ConnectionHandler, type Network, NetworkError } from '../../../net/index.ts';
import { parseInfoHash } from '../../../util/index.ts';
import { encodeHandshake } from '../../../wire/index.ts';
import {
  CHECK_TIMEOUT_MS,
  MAX_CHECKS_AT_ONCE,
  MAX_CHECKS_AT_ONCE_PER_CLIENT,
  MAX_CHECKS_PER_MINUTE,
  MAX_CHECKS_WAITING,
  RECHECK_MS,
  ReachabilityChecks,
} from './reachability-checks.ts';

const infoHash = parseInfoHash('0'.repeat(40));
const peerId = new Uint8Array(20).fill(7);
const SUPPORTS = { fast: false, extended: false, dht: false, v2: false };

/** A network whose connections do what the test says. */
class StubNetwork implements Network {
  dialled = 0;
  isAnswering = true;
  /** Whether nobody answers until dialling is given up. */
  isSilent = false;

  listen(): never {
    throw new Error('Nobody listens here');
  }

  dial(address: { host: string; port: number }, { signal }: { signal: AbortSignal }): Promise<Connection> {
    this.dialled += 1;
    if (this.isSilent) {
      return new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(new NetworkError('ABORTED', 'given up')));
      });
    }
    if (!this.isAnswering) return Promise.reject(new NetworkError('UNREACHABLE', 'refused'));
    let handler: ConnectionHandler | undefined;
    return Promise.resolve({
      remote: address,
      isIncoming: false,
      bytesWaiting: 0,
      lowWaterBytes: 0,
      start: (given) => {
        handler = given;
      },
      write: () => handler?.onData(encodeHandshake({ infoHash, peerId, supports: SUPPORTS })),
      cork() {},
      uncork() {},
      pause() {},
      resume() {},
      destroy: () => handler?.onClose(undefined),
    });
  }
}

function start() {
  const [network, clock] = [new StubNetwork(), new FakeClock()];
  const failures: Error[] = [];
  const checks = new ReachabilityChecks({ network, clock, report: (error) => failures.push(error) });
  const told: boolean[] = [];
  /** Checks seeder `number`, and waits for the work that needs no time. */
  const check = async (
    number: number,
    isReachable?: boolean,
    clientAddress = '10.0.0.1',
    host = clientAddress,
  ) => {
    const subject = { id: String(number), address: { host, port: 1 }, peerId, isReachable };
    checks.check(subject, infoHash, clientAddress, async (isReached) => {
      told.push(isReached);
    });
    await settled();
  };
  return { network, clock, checks, told, failures, check };
}

function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

describe('ReachabilityChecks', () => {
  test('tells at once of a seeder that answers, and after the whole timeout of one that does not', async () => {
    const { network, clock, told, check } = start();
    await check(1);
    expect(told).toEqual([true]);
    network.isAnswering = false;
    await check(2);
    clock.advance(CHECK_TIMEOUT_MS - 1);
    await settled();
    expect(told).toEqual([true]);
    clock.advance(1);
    await settled();
    expect(told).toEqual([true, false]);
  });

  test('checks a seeder that was reached again after a while, and believes the second failure', async () => {
    const { network, clock, told, check } = start();
    await check(1);
    network.isAnswering = false;
    await check(1, true);
    expect(network.dialled).toBe(1);
    for (const [dialled, known] of [
      [2, [true]],
      [3, [true, false]],
    ]) {
      clock.advance(RECHECK_MS);
      await check(1, true);
      clock.advance(CHECK_TIMEOUT_MS);
      await settled();
      expect([network.dialled, told]).toEqual([dialled, known]);
    }
  });

  test('limits the checks in a minute of one client and of one address, and makes those of others', async () => {
    const { network, clock, check } = start();
    for (let number = 0; number <= MAX_CHECKS_PER_MINUTE; number += 1) {
      await check(number, undefined, '10.0.0.1', `10.0.1.${number}`);
    }
    expect(network.dialled).toBe(MAX_CHECKS_PER_MINUTE);
    await check(1001, undefined, '10.0.0.2');
    expect(network.dialled).toBe(MAX_CHECKS_PER_MINUTE + 1);
    for (let number = 0; number <= MAX_CHECKS_PER_MINUTE; number += 1) {
      await check(2000 + number, undefined, `10.0.2.${number}`, '10.9.9.9');
    }
    expect(network.dialled).toBe(2 * MAX_CHECKS_PER_MINUTE + 1);
    clock.advance(60_000);
    await check(1, undefined, '10.0.0.1');
    expect(network.dialled).toBe(2 * MAX_CHECKS_PER_MINUTE + 2);
  });

  test('limits the checks at once and the checks that wait', async () => {
    const { network, clock, check, checks, failures } = start();
    network.isSilent = true;
    const most = MAX_CHECKS_AT_ONCE + MAX_CHECKS_WAITING;
    for (let number = 0; number <= most; number += 1) {
      await check(number, undefined, `10.${number % 100}.0.1`);
    }
    expect(network.dialled).toBe(MAX_CHECKS_AT_ONCE);
    network.isSilent = false;
    clock.advance(CHECK_TIMEOUT_MS);
    for (let turn = 0; turn < 100 && network.dialled < most; turn += 1) await settled();
    expect(network.dialled).toBe(most);
    checks.close();
    expect(failures).toEqual([]);
  });

  test('leaves room for others while one client causes many checks that nobody answers', async () => {
    const { network, told, check } = start();
    network.isSilent = true;
    for (let number = 0; number < MAX_CHECKS_PER_MINUTE; number += 1) {
      await check(number, undefined, '10.0.0.1', `10.0.1.${number}`);
    }
    expect(network.dialled).toBe(MAX_CHECKS_AT_ONCE_PER_CLIENT);
    network.isSilent = false;
    await check(1000, undefined, '10.0.0.2');
    expect(told).toEqual([true]);
  });

  test.each([
    ['a private address for a public client', '192.0.2.1', '10.0.0.1'],
    ['a link-local address', '10.0.0.1', '169.254.169.254'],
  ])('never connects to %s', async (_, clientAddress, host) => {
    const { network, check } = start();
    await check(1, undefined, clientAddress, host);
    expect(network.dialled).toBe(0);
  });

  test('gives up what is under way when it is closed, and tells nothing then', async () => {
    const { network, checks, told, check } = start();
    network.isSilent = true;
    await check(1);
    checks.close();
    await settled();
    expect(told).toEqual([]);
  });
});
