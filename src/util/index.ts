export {
  type Address,
  COMPACT_IPV4_BYTES,
  COMPACT_IPV6_BYTES,
  decodeCompactAddresses,
  encodeCompactAddress,
  formatAddress,
} from './address.ts';
export { clientKey, networkKey, prefixKey } from './address-prefix.ts';
export {
  type AddressRange,
  isInAnyRange,
  isInRange,
  parseAddressRange,
} from './address-range.ts';
export {
  ArgumentError,
  checkArgument,
  describeValue,
  objectOf,
  oneOf,
  optionFault,
  type RulesFor,
  type ValueRule,
  valueRules,
} from './arguments.ts';
export {
  CallbackError,
  guardCallback,
  handleOrReport,
  inBackground,
  type ReportError,
} from './background.ts';
export { Bitfield } from './bitfield.ts';
export { copyBytes, equalBytes, fromHex, latin1, standsAt, toHex } from './bytes.ts';
export { type CancelTimer, type Clock, systemClock, wakefulClock } from './clock.ts';
export { type CloseLimit, type Closer, closeAll } from './close-all.ts';
export { CloserStack } from './closer-stack.ts';
export { DESCRIPTOR_RETRY_MS, lacksDescriptors, MAX_DESCRIPTOR_TRIES } from './descriptors.ts';
export { diskPathFromBytes, diskPathToBytes, fsPath, readWithStrays } from './disk-path.ts';
export { ShoalError, toError } from './errors.ts';
export { type FileStats, fileVersion } from './file-version.ts';
export { formatCount } from './format-count.ts';
export { formatSize } from './format-size.ts';
export { GrowingBytes } from './growing-bytes.ts';
export { GivenUpError, type Grace, untilGivenUp } from './in-time.ts';
export {
  INFO_HASH_BYTES,
  type InfoHash,
  infoHashFromBytes,
  infoHashToBytes,
  parseInfoHash,
} from './info-hash.ts';
export {
  canonicalIp,
  formatIp,
  type IpReach,
  ipReach,
  isPrivateIp,
  parseIp,
  unmappedIp,
} from './ip.ts';
export { isTimeout } from './is-timeout.ts';
export { type HashKey, keyedHash, newHashKey } from './keyed-hash.ts';
export { lazily } from './lazily.ts';
export { limitReports } from './limit-reports.ts';
export { LineLimiter, type OmittedLines } from './line-limiter.ts';
export type { MaybePromise } from './maybe-promise.ts';
export { nearest, suggest } from './nearest.ts';
export { oneAtATime } from './one-at-a-time.ts';
export { pause } from './pause.ts';
export { PEER_ID_BYTES } from './peer-id.ts';
export { printable, printableJson } from './printable.ts';
export { warnProcess } from './process-warnings.ts';
export { type Random, randomBelow, seededRandom, systemRandom } from './random.ts';
export { JsonError, type JsonLimits, parseJson, readJson } from './read-json.ts';
export { repeat } from './repeat.ts';
export { shown, withoutMiddle } from './shown.ts';
export { systemReason } from './system-error.ts';
export { Turns } from './turns.ts';
export { readUint32, writeUint32 } from './uint32.ts';
export { withoutSecrets } from './without-secrets.ts';
