import { optionRules } from '../config/index.ts';
import { objectOf, optionFault, type RulesFor, valueRules } from '../util/index.ts';
import { GetError } from './get-error.ts';
import type { GetOptions } from './get-options.ts';
import { MAX_REUSE_PATHS } from './local-files.ts';
import { CLIENT_SETTINGS } from './settings.ts';

const { text, texts, flag, httpUrls, bytes, positive, signal, callback } = valueRules;

const RULES: RulesFor<GetOptions> = {
  ...optionRules(CLIENT_SETTINGS),
  tracker: httpUrls,
  id: { ...text, wants: 'a string of 64 hex digits' },
  infoHash: { ...text, wants: 'a string of 40 or 64 hex digits' },
  torrent: { ...bytes, wants: 'the bytes of a .torrent as a Uint8Array' },
  trustTrackers: flag,
  replace: flag,
  wait: flag,
  reuse: { wants: `an array of at most ${MAX_REUSE_PATHS} paths, none of them empty`, takes: arePaths },
  repair: flag,
  host: text,
  limits: objectOf({ up: positive, down: positive }),
  signal,
  onProgress: callback,
  onDelivered: callback,
  onWarning: callback,
  onDebug: callback,
};

function arePaths(value: unknown): boolean {
  return texts.takes(value) && Array.isArray(value) && value.length <= MAX_REUSE_PATHS && !value.includes('');
}

/** Checks the types of the options, for callers without TypeScript. @throws {GetError} `USAGE`, naming the option */
export function checkGetOptions(options: GetOptions): void {
  const fault = optionFault(options, RULES);
  if (fault !== undefined) throw new GetError('USAGE', `Cannot get a file: ${fault}`);
}
