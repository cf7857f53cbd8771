import { canonicalIp } from '../../../util/index.ts';

/** Joins every `X-Forwarded-For` of a request's head into one list. @param head one character a byte */
export function forwardedForIn(head: string): string {
  return Array.from(head.matchAll(/^x-forwarded-for:(.*)$/gim), ([, list]) => list!).join(',');
}

/**
 * Reads the addresses of `X-Forwarded-For` from the last, which the nearest proxy has added, to the first, which may be
 * anything. It ends before the first entry that is no address.
 */
export function* lastForwarded(list: string): Generator<string> {
  for (let end = list.length; end > 0; ) {
    const start = list.lastIndexOf(',', end - 1) + 1;
    const host = hostOf(list.slice(start, end).trim());
    if (host === undefined) return;
    yield host;
    end = start - 1;
  }
}

/** Reads the address of a hop. Some proxies add the port: `192.0.2.1:4711`, `[2001:db8::1]:4711`. */
function hostOf(hop: string): string | undefined {
  const [, bracketed, dotted] = /^(?:\[([^\]]*)\](?::\d{1,5})?|([\d.]+):\d{1,5})$/.exec(hop) ?? [];
  return canonicalIp(bracketed ?? dotted ?? hop);
}
