import { withoutSecrets } from '../../util/index.ts';
import { TrackerStartError } from '../errors/index.ts';

/** The address at which a server listens: host and port, or the path of a socket. */
export type RedisServer = { readonly host: string; readonly port: number } | { readonly path: string };

/** The servers, and what they are told to log in. */
export interface RedisAddress {
  readonly servers: readonly RedisServer[];
  readonly isCluster: boolean;
  readonly tls: boolean;
  readonly username?: string;
  readonly password?: string;
  /** The number of the database. */
  readonly db?: number;
}

const DEFAULT_PORT = 6379;
const EXPECTED =
  'expected redis://host:port, rediss://host:port or unix:/path/to/socket, or several with commas between';

/**
 * Reads the address of Redis: `redis://user:password@host:6379/0`, `rediss://` for TLS, `unix:/run/redis/redis.sock`, or
 * some nodes of a cluster, separated by commas, the first of which says how to log in.
 *
 * @param isCluster `undefined`: it is a cluster if there are several nodes
 * @throws {TrackerStartError} BAD_OPTION
 */
export function parseRedisAddress(text: string, isCluster?: boolean): RedisAddress {
  const [first, ...more] = text.split(',').map((url) => parseUrl(url.trim()));
  const servers = [first!, ...more].map((url) => serverAt(text, url));
  const [{ username, password, protocol, pathname }] = [first!];
  const tls = protocol === 'rediss:';
  const cluster = isCluster ?? more.length > 0;
  if (more.some((url) => url.protocol !== protocol))
    throw bad(text, 'servers of one cluster are all reached alike');
  if (!cluster && more.length > 0) throw bad(text, 'of a single server there is one address');
  if (cluster && protocol === 'unix:') throw bad(text, 'a cluster is reached over TCP');
  if (more.some((url) => url.pathname.length > 1)) throw bad(text, 'a cluster has no databases');
  const db = protocol === 'unix:' ? '' : pathname.slice(1);
  if (!/^\d{0,4}$/.test(db) || (cluster && Number(db) > 0)) throw bad(text, `there is no database ${db}`);
  return {
    servers,
    isCluster: cluster,
    tls,
    ...(username !== '' && { username: unescaped(text, username) }),
    ...(password !== '' && { password: unescaped(text, password) }),
    ...(db !== '' && { db: Number(db) }),
  };
}

function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['redis:', 'rediss:', 'unix:'].includes(url.protocol)) throw bad(text, EXPECTED);
  if (url.protocol === 'unix:' ? url.pathname.length < 2 : url.hostname === '') throw bad(text, EXPECTED);
  return url;
}

function serverAt(text: string, { protocol, hostname, port, pathname }: URL): RedisServer {
  if (protocol === 'unix:') return { path: unescaped(text, pathname) };
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? DEFAULT_PORT : Number(port),
  };
}

/** Decodes the escapes in a part of an address. @throws {TrackerStartError} BAD_OPTION */
function unescaped(text: string, part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw bad(
      text,
      'a % in it is not followed by the two hex digits of a character; % itself is written %25',
    );
  }
}

function bad(text: string, found: string): TrackerStartError {
  return new TrackerStartError(
    'BAD_OPTION',
    `Cannot use ${JSON.stringify(withoutSecrets(text))} as the address of Redis: ${found}`,
  );
}
