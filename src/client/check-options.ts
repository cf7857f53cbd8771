import { optionRules } from '../config/index.ts';
import { objectOf, optionFault, type RulesFor, valueRules } from '../util/index.ts';
import { GetError } from './get-error.ts';
import type { GetOptions } from './get-options.ts';
import { CLIENT_SETTINGS } from './settings.ts';

const { text, flag, httpUrl, bytes, positive, signal, callback } = valueRules;

const RULES: RulesFor<GetOptions> = {
  ...optionRules(CLIENT_SETTINGS),
  tracker: httpUrl,
  infoHash: { ...text, wants: 'a string of 40 or 64 hex digits' },
  torrent: { ...bytes, wants: 'the bytes of a .torrent as a Uint8Array' },
  trustTrackers: flag,
  replace: flag,
  wait: flag,
  host: text,
  limits: objectOf({ up: positive, down: positive }),
  signal,
  onProgress: callback,
  onWarning: callback,
  onDebug: callback,
};

/** Checks the types of the options, for callers without TypeScript. @throws {GetError} `USAGE`, naming the option */
export function checkGetOptions(options: GetOptions): void {
  const fault = optionFault(options, RULES);
  if (fault !== undefined) throw new GetError('USAGE', `Cannot get a file: ${fault}`);
}
