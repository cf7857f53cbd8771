import type { RawClient } from './raw-client.ts';
import { announceRequest } from './test-tracker.ts';

/** Makes the header of the PROXY protocol, by which a proxy says for whom it opens a connection. */
export function proxyLine(source: string): string {
  return `PROXY TCP4 ${source} 192.0.2.9 4711 443\r\n`;
}

/** Adds the header `X-Forwarded-For` to a request. */
export function forwarded(request: string, list: string): string {
  return request.replace('Host: t', `Host: t\r\nX-Forwarded-For: ${list}`);
}

/** Announces as a proxy does for the last address of the list. @returns the body of the response */
export async function announceAs(client: RawClient, list: string, number = 1): Promise<string> {
  await client.send(forwarded(announceRequest(number), list));
  return (await client.answer()).body;
}
