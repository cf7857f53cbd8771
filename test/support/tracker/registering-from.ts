import { expect } from 'vitest';
import type { Registration, RegistrationResponse } from '../../../src/tracker-protocol/index.ts';
import { registration, type TestApi } from './test-api.ts';
import { testTorrent, withMetainfo } from './torrents.ts';

/** Registers a seeder of `one.txt` from an address, which a proxy names; `undefined`: from 127.0.0.1. */
export function registerFrom(
  api: TestApi,
  clientAddress: string | undefined,
  more: Partial<Registration>,
): Promise<Response> {
  return sendFrom(api, clientAddress, 'POST', '/api/v1/seeders', {
    ...registration(7000, [withMetainfo(testTorrent('one.txt'))]),
    ...more,
  });
}

/** Sends a request to the web API from an address, which a proxy names; `undefined`: from 127.0.0.1. */
export function sendFrom(
  api: TestApi,
  clientAddress: string | undefined,
  method: string,
  path: string,
  body?: Registration,
  token?: string,
): Promise<Response> {
  return api.tracker.fetch(path, {
    method,
    ...(body !== undefined && { body: JSON.stringify(body) }),
    headers: {
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(clientAddress !== undefined && { 'x-forwarded-for': clientAddress }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
  });
}

/** Waits for the response to a registration that is taken. */
export async function registered(
  response: Promise<Response>,
): Promise<RegistrationResponse & { token: string }> {
  const answer = await response;
  expect(answer.status).toBe(201);
  return (await answer.json()) as RegistrationResponse & { token: string };
}
