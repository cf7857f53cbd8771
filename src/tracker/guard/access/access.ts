import { WatchedFiles } from '../../../files/index.ts';
import { isLikeAccessToken, type TrackerFailure } from '../../../tracker-protocol/index.ts';
import { type Closer, closeAll, type InfoHash, type ReportError } from '../../../util/index.ts';
import { RegistryError } from '../../errors/index.ts';
import { isInForce, type TokenScope } from './access-token.ts';
import { readInfoHashList } from './info-hash-list.ts';
import { tokensReader } from './token-file.ts';
import type { TokenTable } from './token-table.ts';

export interface AccessOptions {
  /** The file with the info-hashes that are served; no others are. */
  readonly allowList?: string | undefined;
  /** The file with info-hashes that are not served, whatever the other list says. */
  readonly denyList?: string | undefined;
  /** The file with the tokens. */
  readonly tokens?: string | undefined;
  /** Whether a token is needed to announce, to scrape and to look up. */
  readonly isPrivate: boolean;
  /** Whether seeders register from anywhere without a token. */
  readonly isRegistrationOpen: boolean;
  /** Milliseconds since 1970. */
  readonly wallTime: () => number;
  readonly report: ReportError;
}

/** The counts of refusals since the start, by reason. */
export interface AccessStats {
  /** Announces, scrapes and registrations of an info-hash that is not on the allow list, or is on the deny list. */
  readonly notAllowed: number;
  readonly denied: number;
  /** Announces and scrapes without a passkey, and with one that is not in force, or not for announcing. */
  readonly noPasskey: number;
  readonly badPasskey: number;
  /** Calls of the web API without the token they need, and with one that is not in force, or not for that. */
  readonly noToken: number;
  readonly badToken: number;
}

/** Decides who may announce what, scrape, look up and register: the one place that does, whatever the transport. */
export class Access {
  readonly #options: AccessOptions;
  readonly #allowList: WatchedFiles<ReadonlySet<InfoHash>> | undefined;
  readonly #denyList: WatchedFiles<ReadonlySet<InfoHash>> | undefined;
  readonly #tokens: WatchedFiles<TokenTable> | undefined;
  #notAllowed = 0;
  #denied = 0;
  #noPasskey = 0;
  #badPasskey = 0;
  #noToken = 0;
  #badToken = 0;

  private constructor(
    options: AccessOptions,
    allowList: WatchedFiles<ReadonlySet<InfoHash>> | undefined,
    denyList: WatchedFiles<ReadonlySet<InfoHash>> | undefined,
    tokens: WatchedFiles<TokenTable> | undefined,
  ) {
    this.#options = options;
    this.#allowList = allowList;
    this.#denyList = denyList;
    this.#tokens = tokens;
  }

  /**
   * Reads the files, and reads them again when they change.
   *
   * @throws {AccessFileError} when one cannot be read
   */
  static async open(options: AccessOptions): Promise<Access> {
    const opened: Closer[] = [];
    const watched = async <Content>(path: string | undefined, reader: (path: string) => Reader<Content>) => {
      if (path === undefined) return undefined;
      const file = await WatchedFiles.open([path], reader(path), options.report);
      opened.push({ name: path, close: () => file.close() });
      return file;
    };
    try {
      const allowList = await watched(options.allowList, listReader);
      const denyList = await watched(options.denyList, listReader);
      return new Access(options, allowList, denyList, await watched(options.tokens, tokensReader));
    } catch (thrown) {
      await closeAll(opened);
      throw thrown;
    }
  }

  /** A number that changes each time the rules may have changed. Tokens that expire do not change it. */
  get version(): number {
    return this.#files.reduce((sum, { version }) => sum + version, 0);
  }

  /** Says whether everybody may announce everything: then no announce has to be checked. */
  get isOpen(): boolean {
    return !this.isPrivate && this.#allowList === undefined && this.#denyList === undefined;
  }

  /** Whether a token is needed to announce, to scrape and to look up. */
  get isPrivate(): boolean {
    return this.#options.isPrivate;
  }

  /** Whether a token is needed for anything. */
  get wantsTokens(): boolean {
    return this.isPrivate || (this.#tokens !== undefined && !this.#options.isRegistrationOpen);
  }

  /**
   * Refuses a call of the web API with a token, or a text that should be one, before its path: a token belongs into a
   * header.
   *
   * @returns why
   */
  refusePath(before: string): RegistryError {
    this.#badToken += 1;
    return new RegistryError('NO_TOKEN', isLikeAccessToken(before) ? TOKEN_IN_PATH : BAD_PATH);
  }

  /** @returns the response to an announce that is refused; `undefined` when it is granted */
  refuseAnnounce(infoHash: InfoHash, passkey: string | undefined): TrackerFailure | undefined {
    return this.refusePasskey(passkey) ?? this.refuseInfoHash(infoHash);
  }

  /** Refuses a scrape by its passkey; each of its info-hashes is checked by itself. */
  refusePasskey(passkey: string | undefined): TrackerFailure | undefined {
    if (this.grants(passkey)) return undefined;
    if (passkey === undefined) {
      this.#noPasskey += 1;
      return NO_PASSKEY;
    }
    this.#badPasskey += 1;
    return BAD_PASSKEY;
  }

  /** @returns why a torrent is not served; `undefined` when it is */
  refuseInfoHash(infoHash: InfoHash): TrackerFailure | undefined {
    if (this.serves(infoHash)) return undefined;
    if (this.#isDenied(infoHash)) {
      this.#denied += 1;
      return DENIED;
    }
    this.#notAllowed += 1;
    return NOT_ALLOWED;
  }

  /**
   * Says whether a passkey allows announces: like {@link refusePasskey}, for a peer that is already in a swarm. It
   * increments no counter.
   */
  grants(passkey: string | undefined): boolean {
    return !this.isPrivate || (passkey !== undefined && this.#idOf(passkey, 'announce') !== undefined);
  }

  /**
   * Says whether a torrent is served: like {@link refuseInfoHash}, for a peer that is already in a swarm. It increments no
   * counter.
   */
  serves(infoHash: InfoHash): boolean {
    if (this.#isDenied(infoHash)) return false;
    return this.#allowList === undefined || this.#allowList.current.has(infoHash);
  }

  /**
   * Checks that the client of a request may look up torrents and seeders.
   *
   * @throws {RegistryError} NO_TOKEN, WRONG_TOKEN
   */
  checkLookUp(token: string | undefined): void {
    if (this.isPrivate) this.#check(token, undefined, 'This tracker is private: a look-up needs a token');
  }

  /**
   * Checks that the client of a request may register a seeder. Where no token is needed, a client that sends one all the
   * same is told apart from others.
   *
   * @param isLocal whether the request came from a program on this machine
   * @returns the id of the token that grants it; `undefined` when no token is needed and none was sent
   * @throws {RegistryError} NO_TOKEN, WRONG_TOKEN
   */
  checkRegistration(token: string | undefined, isLocal: boolean): string | undefined {
    if (this.#options.isRegistrationOpen)
      return token === undefined ? undefined : this.#idOf(token, 'register');
    if (this.#tokens === undefined) {
      if (isLocal) return undefined;
      this.#noToken += 1;
      throw new RegistryError('NO_TOKEN', NEEDS_TOKENS);
    }
    return this.#check(token, 'register', 'To register here a seeder needs a token');
  }

  /** Says whether a seeder that registered with the token of this id may stay. */
  mayStay(tokenId: string): boolean {
    const token = this.#tokens?.current.get(tokenId);
    return token !== undefined && isInForce(token, this.#options.wallTime());
  }

  /** Reads the files again, for file systems that do not tell of changes. */
  async reload(): Promise<void> {
    await Promise.all(this.#files.map((file) => file.reload()));
  }

  stats(): AccessStats {
    return {
      notAllowed: this.#notAllowed,
      denied: this.#denied,
      noPasskey: this.#noPasskey,
      badPasskey: this.#badPasskey,
      noToken: this.#noToken,
      badToken: this.#badToken,
    };
  }

  async close(): Promise<void> {
    await Promise.all(this.#files.map((file) => file.close()));
  }

  get #files(): readonly WatchedFiles<unknown>[] {
    return [this.#allowList, this.#denyList, this.#tokens].filter((file) => file !== undefined);
  }

  #isDenied(infoHash: InfoHash): boolean {
    return this.#denyList?.current.has(infoHash) === true;
  }

  /** @param scope `undefined`: any scope will do @returns the token's id @throws {RegistryError} */
  #check(token: string | undefined, scope: TokenScope | undefined, rule: string): string {
    if (token === undefined) {
      this.#noToken += 1;
      throw new RegistryError('NO_TOKEN', `${rule}. ${howToGetOne(scope)}`);
    }
    const found = this.#tokens?.current.find(token, this.#options.wallTime());
    if (found !== undefined && (scope === undefined || found.scopes.includes(scope))) return found.id;
    this.#badToken += 1;
    throw found === undefined
      ? new RegistryError(
          'NO_TOKEN',
          `${rule}; this one is not known, or revoked, or expired. ${howToGetOne(scope)}`,
        )
      : new RegistryError(
          'WRONG_TOKEN',
          `${rule}; this one is for ${found.scopes.join(', ')}. ${howToGetOne(scope)}`,
        );
  }

  /** @returns the id of a token that is in force and has the scope; `undefined` for any other text */
  #idOf(text: string, scope: TokenScope): string | undefined {
    const found = this.#tokens?.current.find(text, this.#options.wallTime());
    return found?.scopes.includes(scope) === true ? found.id : undefined;
  }
}

type Reader<Content> = () => Promise<Content>;

function listReader(path: string): Reader<ReadonlySet<InfoHash>> {
  return () => readInfoHashList(path);
}

/** The number of seconds to the next announce of a peer that does not know what `never` means. */
const REFUSED_INTERVAL = 3600;
const DENIED: TrackerFailure = {
  failureReason: 'This tracker does not serve this torrent',
  retryIn: 'never',
  interval: REFUSED_INTERVAL,
};
/** The number of minutes after which a torrent may have been added to the list. */
const LISTED_IN = 15;
const NOT_ALLOWED: TrackerFailure = {
  failureReason: 'This tracker serves the torrents on its list only, and this one is not there',
  retryIn: LISTED_IN,
  interval: LISTED_IN * 60,
};
const NO_PASSKEY: TrackerFailure = {
  failureReason: 'This tracker is private: its announce URL needs a passkey, as in /PASSKEY/announce',
  retryIn: 'never',
  interval: REFUSED_INTERVAL,
};
const BAD_PASSKEY: TrackerFailure = {
  failureReason: 'The passkey in the announce URL is not known here, or revoked, or expired',
  retryIn: 'never',
  interval: REFUSED_INTERVAL,
};

const NEEDS_TOKENS =
  'To register from another machine a seeder needs a token. The tracker needs a file of tokens for that, tracker.tokens; ' +
  '`shoal token create --scope register` makes one, and the seeder is given it as seeder.token. Or else set ' +
  'tracker.openRegistration=true';

const TOKEN_IN_PATH =
  'The web API takes no access token in the path: it goes into the header, as in Authorization: Bearer TOKEN, and the ' +
  'path begins with /api/v1. In the path it stands for announces and scrapes alone';

const BAD_PATH =
  'This tracker wants an access token, and what stands before its paths is none: a token begins with shoal_. It stands ' +
  'behind the address that Shoal is given, and goes as Authorization: Bearer';

function howToGetOne(scope: TokenScope | undefined): string {
  return `On the tracker's machine \`shoal token create --scope ${scope ?? 'announce'}\` makes one`;
}
