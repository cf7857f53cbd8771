import { expect } from 'vitest';
import type { TrackerOptions } from '../../../src/tracker/tracker-options.ts';
import type { Problem, Registration, RegistrationResponse } from '../../../src/tracker-protocol/index.ts';
import { TestTracker } from './test-tracker.ts';
import { type TestTorrent, withMetainfo } from './torrents.ts';

/** The web API as one who uses it sees it. */
export class TestApi implements AsyncDisposable {
  readonly tracker: TestTracker;
  readonly port: number;

  private constructor(tracker: TestTracker, port: number) {
    this.tracker = tracker;
    this.port = port;
  }

  static async start(options: TrackerOptions = {}): Promise<TestApi> {
    const tracker = await TestTracker.start({ webPort: 0, ...options });
    return new TestApi(tracker, tracker.tracker.webAddress!.port);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.tracker[Symbol.asyncDispose]();
  }

  call(method: string, path: string, body?: object | string, token?: string): Promise<Response> {
    return this.tracker.fetch(
      path,
      {
        method,
        ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
        headers: {
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
        },
      },
      this.port,
    );
  }

  async get<T>(path: string): Promise<T> {
    const response = await this.call('GET', path);
    expect(response.status).toBe(200);
    return (await response.json()) as T;
  }

  async problem(method: string, path: string, body?: object | string, token?: string): Promise<Problem> {
    const response = await this.call(method, path, body, token);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    const problem = (await response.json()) as Problem;
    expect(problem.status).toBe(response.status);
    return problem;
  }

  register(port: number, ...torrents: TestTorrent[]): Promise<RegistrationResponse & { token: string }> {
    return this.registerBy(undefined, port, ...torrents);
  }

  /** @param token access token */
  async registerBy(
    token: string | undefined,
    port: number,
    ...torrents: TestTorrent[]
  ): Promise<RegistrationResponse & { token: string }> {
    const body = registration(port, torrents.map(withMetainfo));
    const response = await this.call('POST', '/api/v1/seeders', body, token);
    expect(response.status).toBe(201);
    return (await response.json()) as RegistrationResponse & { token: string };
  }

  upload(torrent: TestTorrent, metainfo: Uint8Array, token?: string): Promise<Response> {
    return this.tracker.fetch(`/api/v1/torrents/${torrent.registered.infoHash}.torrent`, {
      method: 'PUT',
      body: Uint8Array.from(metainfo),
      headers: {
        'content-type': 'application/x-bittorrent',
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      },
    });
  }

  async peersOf(infoHash: string): Promise<number> {
    const escaped = infoHash.replaceAll(/../g, '%$&');
    const response = await this.tracker.fetch(`/scrape?info_hash=${escaped}`);
    return Number(/8:completei(\d+)e/.exec(await response.text())![1]);
  }
}

export function registration(port: number, torrents: Registration['torrents'] = []): Registration {
  return { port, peerId: 'ab'.repeat(20), torrents };
}
