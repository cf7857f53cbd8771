import { type Finding, IS_IT_THE_ADDRESS, USE_HTTPS } from './finding.ts';
import { quotable } from './quotable.ts';

/** An HTTP answer whose status is no success. */
export interface BadResponse {
  readonly status: number;
  /** The words of a problem document of a tracker like ours; absent: there is none, so somebody else may have answered. */
  readonly problem?: string | undefined;
  readonly body: Uint8Array;
  /** The headers of these names. */
  readonly location?: string | undefined;
  readonly retryAfter?: string | undefined;
  /** `true` when an access token was sent along. */
  readonly hasToken: boolean;
  /** `true` when a seeder was to be registered, for which the token can be given by itself. */
  readonly isRegistering: boolean;
}

/** Says what an answer to an announce or a scrape means when its status is no success. Any tracker may have sent it. */
export function announceStatusFinding(status: number, body: Uint8Array): Finding {
  const words = wordsOf(body);
  const found = `HTTP status ${status}${saying('it', words)}`;
  return isAskedForTls(status, words) ? { found, advice: USE_HTTPS } : { found };
}

/** Says what an answer of the web API means when its status is no success. */
export function statusFinding(answer: BadResponse): Finding {
  const { status, problem, location } = answer;
  const words = problem ?? wordsOf(answer.body);
  const to = location === undefined ? '' : ` to ${quotable(location)}`;
  const said = saying(problem === undefined ? 'it' : 'the tracker', words);
  const found = `HTTP status ${status}${meaningOf(answer)}${to}${said}`;
  const advice = isAskedForTls(status, words) ? USE_HTTPS : adviceOn(answer);
  return advice === undefined ? { found } : { found, advice };
}

function saying(who: string, words: string | undefined): string {
  return words === undefined ? '' : `, ${who} says "${quotable(words)}"`;
}

/** Servers with TLS say in words that they were asked without. */
function isAskedForTls(status: number, words = ''): boolean {
  return status === 400 && /https/i.test(words);
}

function meaningOf({ status, problem, hasToken }: BadResponse): string {
  const isTracker = problem !== undefined;
  if (status >= 300 && status < 400) return ', it redirects';
  switch (status) {
    case 401:
      return hasToken ? ', it does not accept the access token' : ', it wants an access token';
    case 403:
      return isTracker ? '' : ', no Shoal tracker refuses like that';
    case 404:
      return isTracker ? '' : ', no Shoal tracker answers there';
    case 502:
    case 504:
      return ', a proxy answers, and the tracker behind it does not';
    default:
      return '';
  }
}

const GET_TORRENT = 'Trackers of other makes can be asked by a .torrent alone: shoal get FILE.torrent.';
const SEED_TORRENT =
  'Trackers of other makes take a .torrent alone that names them: shoal seed FILE.torrent --data FOLDER.';

function adviceOn({ status, problem, retryAfter, hasToken, isRegistering }: BadResponse): string | undefined {
  const isTracker = problem !== undefined;
  if (status >= 300 && status < 400) return 'Use the address that it redirects to.';
  switch (status) {
    case 401:
      return hasToken
        ? 'Is the token whole? The operator of the tracker can make another.'
        : `The token stands behind the tracker's address, --tracker http://HOST:9910/TOKEN${isRegistering ? ', or in SHOAL_SEEDER_TOKEN' : ''}.`;
    case 403:
      if (!isTracker) return `${IS_IT_THE_ADDRESS} Or a proxy in front of it refuses.`;
      return hasToken ? tokenAdvice(isRegistering) : undefined;
    case 404:
      return isTracker ? undefined : `${IS_IT_THE_ADDRESS} ${isRegistering ? SEED_TORRENT : GET_TORRENT}`;
    case 502:
    case 504:
      return 'Is the tracker behind the proxy running?';
    case 429:
    case 503:
      return isTracker || retryAfter !== undefined
        ? `Try again ${timeOf(retryAfter)}.`
        : 'If there is a proxy: is the tracker behind it running?';
    default:
      return undefined;
  }
}

/** A tracker that knows the token and refuses it wants one for another purpose: it says for which. */
function tokenAdvice(isRegistering: boolean): string {
  const scope = isRegistering ? 'register' : 'announce';
  const purpose = isRegistering ? 'Seeders' : 'Looking up and downloading';
  return `${purpose} need a token with the scope ${scope}: \`shoal token create --scope ${scope}\` on the tracker's machine makes one.`;
}

/** The header has seconds, or a date. @see RFC 9110, section 10.2.3 */
function timeOf(retryAfter: string | undefined): string {
  if (retryAfter === undefined || !/^\d{1,5}$/.test(retryAfter)) return 'later';
  return retryAfter === '1' ? 'in a second' : `in ${retryAfter} seconds`;
}

/** Bytes of an answer in which its words are looked for. */
const LOOKED_AT = 4096;

/** The title of a web page, or a short text on one line; `undefined` for anything else. */
function wordsOf(body: Uint8Array): string | undefined {
  const text = new TextDecoder().decode(body.subarray(0, LOOKED_AT)).trim();
  if (/^\s*</.test(text)) return /<title>([^<]*)/i.exec(text)?.[1]?.trim() || undefined;
  return /^[\x20-\x7e]{1,200}$/.test(text) && !/^[{[]/.test(text) ? text : undefined;
}
