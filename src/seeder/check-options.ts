import { optionRules } from '../config/index.ts';
import { distinctTrackers } from '../tracker-client/index.ts';
import { oneOf, optionFault, type RulesFor, valueRules } from '../util/index.ts';
import { SeederError } from './seeder-error.ts';
import type { SeederOptions, TorrentWithData } from './seeder-options.ts';
import { SEEDER_SETTINGS } from './settings.ts';

const { text, filled, httpUrls, texts, flag, positive, signal, callback } = valueRules;
const atLeastOne = {
  wants: 'a whole number of 1 or more',
  takes: (value: unknown) => Number.isSafeInteger(value) && (value as number) > 0,
};

const TORRENT_RULES: RulesFor<TorrentWithData> = {
  torrent: { ...valueRules.bytes, wants: 'the bytes of a .torrent as a Uint8Array' },
  data: text,
  path: text,
};

const RULES: RulesFor<SeederOptions> = {
  ...optionRules(SEEDER_SETTINGS),
  tracker: httpUrls,
  paths: texts,
  hidden: flag,
  follow: flag,
  asOne: flag,
  name: text,
  skipUnreadable: flag,
  watch: flag,
  version: oneOf('v1', 'v2', 'hybrid'),
  torrents: { wants: 'an array of { torrent, data }', takes: Array.isArray },
  trustTrackers: flag,
  host: text,
  keepTrying: flag,
  bindHost: filled,
  maxConnections: atLeastOne,
  limitUp: positive,
  limitUpPerTorrent: positive,
  signal,
  onHashing: callback,
  onRefused: callback,
  onRegistered: callback,
  onWithdrawn: callback,
  onOffered: callback,
  onWarning: callback,
  onDebug: callback,
};

/** Checks the types of the options, for callers without TypeScript. @throws {SeederError} `USAGE`, naming the option */
export function checkSeederOptions(options: SeederOptions): void {
  const fault =
    optionFault(options, RULES) ??
    torrentFault(options.torrents ?? []) ??
    tokenFault(options) ??
    nameFault(options);
  if (fault !== undefined) throw new SeederError('USAGE', `Cannot seed: ${fault}`);
}

/** Finds out whether one token would be told to several trackers, which may not trust each other. */
function tokenFault({ tracker, token }: SeederOptions): string | undefined {
  const { length } = distinctTrackers(tracker);
  if (token === undefined || length < 2) return undefined;
  return `${length} trackers are given and one token, which all of them would see; write the token of each behind its address, as http://host:9910/TOKEN`;
}

function nameFault({ name, asOne = false, paths = [] }: SeederOptions): string | undefined {
  if (name === undefined || (asOne && paths.length === 1)) return undefined;
  return 'name is for one path that is offered as one';
}

function torrentFault(torrents: readonly TorrentWithData[]): string | undefined {
  for (const [at, torrent] of torrents.entries()) {
    const fault =
      optionFault(torrent, TORRENT_RULES, `torrents[${at}].`) ??
      (torrent.torrent === undefined || torrent.data === undefined
        ? `torrents[${at}] must have torrent and data`
        : undefined);
    if (fault !== undefined) return fault;
  }
  return undefined;
}
