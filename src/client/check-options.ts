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
  reuse: { wants: `at most ${MAX_REUSE_PATHS} paths in an array, none of them empty`, takes: arePaths },
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

/**
 * Checks that the options say what is wanted and where it can be found, and writes hashes in small letters.
 *
 * @throws {GetError} `USAGE`
 */
export function normalizeGetOptions(options: GetOptions): GetOptions {
  const { tracker, name, size, id, sha256, infoHash, torrent } = options;
  if (id !== undefined && !/^[0-9a-f]{64}$/i.test(id)) {
    throw new GetError('USAGE', `Cannot get a file by the id ${JSON.stringify(id)}: it has 64 hex digits`);
  }
  if (sha256 !== undefined && !/^[0-9a-f]{64}$/i.test(sha256)) {
    throw new GetError(
      'USAGE',
      `Cannot get a file by SHA-256 ${JSON.stringify(sha256)}: it has 64 hex digits`,
    );
  }
  if (options.repair === true && options.replace === true) {
    throw new GetError(
      'USAGE',
      'Cannot get a file with both repair and replace (--force): one mends what is there, the other replaces it',
    );
  }
  if (options.output === '') throw new GetError('USAGE', 'Cannot get a file: output is empty');
  if (torrent === undefined && (tracker === undefined || tracker.length === 0)) {
    throw new GetError('USAGE', 'Cannot get a file: neither a torrent nor a tracker to ask for one is given');
  }
  if (infoHash !== undefined && !/^([0-9a-f]{40}|[0-9a-f]{64})$/i.test(infoHash)) {
    throw new GetError(
      'USAGE',
      `Cannot get a torrent by info-hash ${JSON.stringify(infoHash)}: it has 40 or 64 hex digits`,
    );
  }
  if ([torrent, name, size, id, sha256, infoHash].every((wanted) => wanted === undefined)) {
    throw new GetError(
      'USAGE',
      'Cannot get a file: none of id, name, size, SHA-256 and info-hash says which',
    );
  }
  return {
    ...options,
    ...(id !== undefined && { id: id.toLowerCase() }),
    ...(sha256 !== undefined && { sha256: sha256.toLowerCase() }),
    ...(infoHash !== undefined && { infoHash: infoHash.toLowerCase() }),
  };
}
