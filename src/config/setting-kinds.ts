import { canonicalIp, oneOf, parseAddressRange, type ValueRule, valueRules } from '../util/index.ts';
import { parseDuration, parseDurationOrZero } from './duration.ts';
import { parseRate } from './rate.ts';
import { parseSize } from './size.ts';

/** A kind of value: how it is written, and which values are allowed. */
export interface SettingKind<T> {
  /** Reads a text. @returns `undefined` for a text that is no value of this kind */
  readonly read: (text: string) => T | undefined;
  /** The rule for the text, as a clause: `must be a port, 0 to 65535`. */
  readonly rule: string;
  /** Whether a value is a list of words, so that a flag for it may be repeated. The default is `false`. */
  readonly isList?: true;
  /** The rule for the value as an option of a program. */
  readonly option: ValueRule;
  /** The lowest and the highest number; `undefined` for a kind without bounds. */
  readonly bounds?: { readonly least: number; readonly most: number };
}

/** The most seconds of an interval or a delay: a day. */
export const MAX_SECONDS = 86_400;

/** The highest number of any limit. */
export const MAX_LIMIT = 2 ** 40;

const { filled, flag, positive, texts } = valueRules;
const number = valueRules.count;

export const text: SettingKind<string> = {
  read: (text) => (text === '' ? undefined : text),
  rule: 'must not be empty',
  option: valueRules.text,
};

export const port: SettingKind<number> = {
  read: (text) => (/^\d{1,5}$/.test(text) && Number(text) <= 65535 ? Number(text) : undefined),
  rule: 'must be a port, 0 to 65535',
  option: valueRules.port,
};

/** A number of bytes. */
export const bytes: SettingKind<number> = {
  read: parseSize,
  rule: 'must be a number of bytes, such as 343691, 512K or 1.5G (units of 1,024) or 50MB (of 1,000)',
  option: { ...number, wants: 'a whole number of bytes' },
  bounds: { least: 1, most: MAX_LIMIT },
};

/** Makes the kind of whole numbers from 1 to `most`. */
export function countTo(most: number): SettingKind<number> {
  return {
    read: (text) => (/^[1-9]\d{0,11}$/.test(text) && Number(text) <= most ? Number(text) : undefined),
    rule: `must be a number in digits, from 1 to ${most}`,
    option: number,
    bounds: { least: 1, most },
  };
}

export const count: SettingKind<number> = {
  ...countTo(999_999_999_999),
  bounds: { least: 1, most: MAX_LIMIT },
};

export const countOrNone: SettingKind<number> = {
  read: (text) => (text === '0' ? 0 : count.read(text)),
  rule: 'must be a number in digits; 0: no limit',
  option: number,
  bounds: { least: 0, most: MAX_LIMIT },
};

export const countOrOff: SettingKind<number> = {
  read: countOrNone.read,
  rule: 'must be a number in digits; 0: off',
  option: number,
  bounds: { least: 0, most: MAX_LIMIT },
};

export const yesOrNo: SettingKind<boolean> = {
  read: (text) => (text === 'true' ? true : text === 'false' ? false : undefined),
  rule: 'must be true or false',
  option: flag,
};

/** A SHA-256 in lower case. */
export const sha256: SettingKind<string> = {
  read: (text) => (/^[0-9a-f]{64}$/i.test(text) ? text.toLowerCase() : undefined),
  rule: 'must be a SHA-256: 64 hex digits',
  option: { ...valueRules.text, wants: 'a string of 64 hex digits' },
};

/** An IP address in the spelling of {@link canonicalIp}. */
export const ip: SettingKind<string> = {
  read: canonicalIp,
  rule: 'must be an IPv4 or IPv6 address',
  option: filled,
};

export const hostName: SettingKind<string> = {
  read: (text) => (/^[\w-]+(\.[\w-]+)*$/.test(text) || canonicalIp(text) !== undefined ? text : undefined),
  rule: 'must be an IP address or a host name, without a port',
  option: filled,
};

export const hostNames: SettingKind<readonly string[]> = {
  read: (text) => wordsOf(text, (word) => hostName.read(word) !== undefined),
  rule: 'must be host names such as tracker.example tracker.corp.example, without a port',
  isList: true,
  option: texts,
};

/** A list of origins of web pages, in lower case. `*` stands for all. */
export const webOrigins: SettingKind<readonly string[]> = {
  read: (text) => wordsOf(text.toLowerCase(), isWebOrigin),
  rule: 'must be origins such as https://dashboard.example http://10.0.0.7:3000, without a path, or *',
  isList: true,
  option: texts,
};

/** A list of addresses of trackers. */
export const httpUrls: SettingKind<readonly string[]> = {
  read: (text) => wordsOf(text, (word) => valueRules.httpUrl.takes(word)),
  rule: 'must be an http:// or https:// URL such as http://tracker.example:9910, or several with spaces between them',
  isList: true,
  option: valueRules.httpUrls,
};

/** In milliseconds. */
export const duration: SettingKind<number> = {
  read: parseDuration,
  rule: 'must be a duration from 1ms to 500h with its unit (ms, s, m, h, d): 500ms, 30s, 5m, 1h or 2d',
  option: { ...number, wants: 'a whole number of milliseconds' },
};

/** A duration in milliseconds; 0 stands for no limit. */
export const durationOrNone: SettingKind<number> = {
  read: parseDurationOrZero,
  rule: `${duration.rule}; 0: no limit`,
  option: duration.option,
};

/** A duration in whole seconds. */
export const wholeSeconds: SettingKind<number> = {
  read: (text) => {
    const seconds = (parseDuration(text) ?? Number.NaN) / 1000;
    return Number.isInteger(seconds) && seconds <= MAX_SECONDS ? seconds : undefined;
  },
  rule: 'must be a duration in whole seconds, from 1s to 24h, with its unit (s, m, h): 30s, 5m or 1h',
  option: { ...number, wants: 'a whole number of seconds' },
};

/** A rate in bytes per second. */
export const rate: SettingKind<number> = {
  read: parseRate,
  rule: 'must be bytes per second from 1K to 1T, such as 500K, 10M or 1.5G (units of 1,024) or 50MB (of 1,000)',
  option: positive,
};

/** A multiple of a size; 0 stands for none. */
export const ratio: SettingKind<number> = {
  read: (text) => (/^\d{1,6}(?:\.\d{1,3})?$/.test(text) ? Number(text) : undefined),
  rule: 'must be a number from 0 to 999999 such as 1, 1.5 or 2',
  option: {
    wants: 'a number of 0 or more',
    takes: (value) => typeof value === 'number' && value >= 0,
  },
};

/** Lists of address ranges, one list for each zone. The word `subnet` gives no list. */
export const zones: SettingKind<readonly (readonly string[])[]> = {
  read: (text) => {
    if (text === 'subnet') return [];
    const lists = text.split(';').map((list) => list.split(/[\s,]+/).filter((range) => range !== ''));
    const isRead = lists.every((list) => list.length > 0 && list.every(isAddressRange));
    return isRead ? lists : undefined;
  },
  rule: 'must be "subnet", or zones such as 10.1.0.0/16 2001:db8:1::/48; 10.2.0.0/16, with ";" between them',
  option: {
    wants: 'an array of arrays of address ranges',
    takes: (value) => Array.isArray(value) && value.every((zone) => texts.takes(zone)),
  },
};

/** A list of address ranges, each written as `192.0.2.0/24`, or as an address. */
export const addressRanges: SettingKind<readonly string[]> = {
  read: (text) => wordsOf(text, isAddressRange),
  rule: 'must be addresses and ranges such as 127.0.0.1 10.0.0.0/8 2001:db8::/32',
  isList: true,
  option: texts,
};

export function choiceOf<const Choice extends string>(...choices: readonly Choice[]): SettingKind<Choice> {
  return {
    read: (text) => choices.find((choice) => choice === text),
    rule: `must be one of ${choices.join(', ')}`,
    option: oneOf(...choices),
  };
}

/** Splits a list of words with spaces or commas between; `undefined` when it is empty or a word is not good. */
function wordsOf(text: string, isGood: (word: string) => boolean): readonly string[] | undefined {
  const words = text.split(/[\s,]+/).filter((word) => word !== '');
  return words.length > 0 && words.every(isGood) ? words : undefined;
}

function isWebOrigin(text: string): boolean {
  return text === '*' || (/^https?:/.test(text) && URL.canParse(text) && new URL(text).origin === text);
}

function isAddressRange(text: string): boolean {
  return parseAddressRange(text) !== undefined;
}
