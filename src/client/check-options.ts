import { objectOf, oneOf, optionFault, type RulesFor, valueRules } from '../util/index.ts';
import { GetError } from './get-error.ts';
import type { GetOptions } from './get-options.ts';

const { text, flag, filled, httpUrl, count, bytes, port, positive, signal, callback } = valueRules;

const RULES: RulesFor<GetOptions> = {
  tracker: httpUrl,
  name: text,
  size: { ...count, wants: 'a whole number of bytes' },
  sha256: { ...text, wants: 'a string of 64 hex digits' },
  infoHash: { ...text, wants: 'a string of 40 or 64 hex digits' },
  torrent: { ...bytes, wants: 'the bytes of a .torrent as a Uint8Array' },
  trustTrackers: flag,
  output: text,
  replace: flag,
  preallocation: oneOf('none', 'sparse', 'full'),
  bind: filled,
  host: text,
  port,
  limits: objectOf({ up: positive, down: positive }),
  trackerPatienceMs: { ...count, wants: 'a whole number of milliseconds' },
  signal,
  onProgress: callback,
  onWarning: callback,
  onDebug: callback,
};

/** Checks that options are what TypeScript would take. @throws {GetError} `USAGE`, naming the option */
export function checkGetOptions(options: GetOptions): void {
  const fault = optionFault(options, RULES);
  if (fault !== undefined) throw new GetError('USAGE', `Cannot get a file: ${fault}`);
}
