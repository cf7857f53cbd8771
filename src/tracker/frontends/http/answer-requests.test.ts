import { expect, test } from 'vitest';
import { FakeClock } from '../../../../test/support/index.ts';
import { testPort } from '../../../../test/support/tracker/test-port.ts';
import { announceRequest } from '../../../../test/support/tracker/test-tracker.ts';
import { clientAddressOf } from '../../core/index.ts';
import { AddressLimits } from '../../guard/rate-limit/index.ts';
import { type Asker, answerRequests, MAX_REQUESTS_IN_TURN } from './answer-requests.ts';
import type { RequestPort } from './http-port.ts';
import { FRESH_MEMORY, HEAD_ROOM } from './http-response.ts';

const clock = new FakeClock();
const asker: Asker = {
  peer: clientAddressOf('192.0.2.1')!,
  isFromProxy: false,
  isDraining: false,
  unsent: 0,
  memory: FRESH_MEMORY,
};

function portOf(requestBurst: number): RequestPort {
  return testPort({
    clock,
    rateLimits: new AddressLimits({ requestsPerSecond: 1, requestBurst, connectionsPerAddress: 0 }),
    answer: () => new Uint8Array(HEAD_ROOM + 10),
  });
}

test('answerRequests() answers a few requests, and leaves the others for the next turn', () => {
  const requests = Buffer.from(announceRequest(1).repeat(400));
  const { answers, used, next } = answerRequests(portOf(1000), asker, requests);
  expect([answers.length, next]).toEqual([MAX_REQUESTS_IN_TURN, 'yield']);
  expect(used).toBe((requests.length / 400) * MAX_REQUESTS_IN_TURN);
  const few = requests.subarray(0, used);
  expect(answerRequests(portOf(1000), asker, few)).toMatchObject({ used: few.length, next: 'read' });
});

test('answerRequests() takes malformed requests from a budget, and cuts connections without one', () => {
  const port = portOf(3);
  const malformed = Buffer.from('GET /announce HTTP/9\r\n\r\n');
  const ends = Array.from({ length: 5 }, () => answerRequests(port, asker, malformed).next);
  expect(ends).toEqual(['end', 'end', 'end', 'cut', 'cut']);
});
