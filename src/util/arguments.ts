import { ShoalError } from './errors.ts';
import { suggest } from './nearest.ts';
import { withoutSecrets } from './without-secrets.ts';

/** The error for a call with a value of the wrong type, which TypeScript would have refused. */
export class ArgumentError extends ShoalError<'BAD_ARGUMENT'> {}

/** A rule that an option or an argument must keep. */
export interface ValueRule {
  /** A noun phrase that says what is wanted, to stand behind "must be": `a string`. */
  readonly wants: string;
  readonly takes: (value: unknown) => boolean;
  /** The rules of the options within the value; `undefined` when it has none. */
  readonly within?: Readonly<Record<string, ValueRule>>;
}

/** One rule for each option of `T`. */
export type RulesFor<T> = { readonly [Name in keyof Required<T>]: ValueRule };

/** The number of characters that a message shows of a text. */
const MAX_QUOTED = 60;

/** The rules that are the same for many options. */
export const valueRules = {
  text: { wants: 'a string', takes: (value) => typeof value === 'string' },
  filled: {
    wants: 'a string that is not empty',
    takes: (value) => typeof value === 'string' && value !== '',
  },
  httpUrl: {
    wants: 'an http:// or https:// URL such as http://tracker.example:9910',
    takes: isHttpUrl,
  },
  httpUrls: {
    wants: 'an http:// or https:// URL such as http://tracker.example:9910, or an array of them',
    takes: (value) => (Array.isArray(value) ? value : [value]).every(isHttpUrl),
  },
  texts: {
    wants: 'an array of strings',
    takes: (value) => Array.isArray(value) && value.every((item) => typeof item === 'string'),
  },
  flag: { wants: 'true or false', takes: (value) => typeof value === 'boolean' },
  callback: { wants: 'a function', takes: (value) => typeof value === 'function' },
  /** The bytes may also come from another realm, such as that of a test runner. */
  bytes: {
    wants: 'a Uint8Array',
    takes: (value) => value instanceof Uint8Array || tagOf(value) === '[object Uint8Array]',
  },
  port: { wants: 'a whole number from 0 to 65535', takes: (value) => isWhole(value, 65_535) },
  count: { wants: 'a whole number of 0 or more', takes: (value) => isWhole(value, Number.MAX_SAFE_INTEGER) },
  uint32: { wants: 'a whole number from 0 to 4294967295', takes: (value) => isWhole(value, 0xffff_ffff) },
  positive: { wants: 'a number above 0', takes: (value) => typeof value === 'number' && value > 0 },
  signal: {
    wants: 'an AbortSignal',
    takes: (value) => isObject(value) && typeof value['aborted'] === 'boolean' && 'addEventListener' in value,
  },
  object: { wants: 'an object', takes: isObject },
} satisfies Readonly<Record<string, ValueRule>>;

function isHttpUrl(value: unknown): boolean {
  return typeof value === 'string' && /^https?:\/\//i.test(value) && URL.canParse(value);
}

/** Makes the rule for a value that is one of a few words. */
export function oneOf(...words: readonly string[]): ValueRule {
  const wants = `one of ${words.map((word) => JSON.stringify(word)).join(', ')}`;
  return { wants, takes: (value) => words.some((word) => word === value) };
}

/** Makes the rule for an object with options of its own. */
export function objectOf<T>(within: RulesFor<T>): ValueRule {
  return { ...valueRules.object, within };
}

/**
 * Finds the first option that is unknown, or of the wrong type. An option that is `undefined` counts as absent.
 *
 * @param rules of `RulesFor` the options
 * @returns a sentence that names the option, what is wanted and what was found; `undefined` when all are right
 */
export function optionFault(
  options: unknown,
  rules: Readonly<Record<string, ValueRule>>,
  within = '',
): string | undefined {
  if (!isObject(options)) return `the options must be an object, found ${describeValue(options)}`;
  for (const [name, value] of Object.entries(options)) {
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
    if (rule === undefined)
      return `there is no option ${within}${name}; ${suggest(name, Object.keys(rules))}`;
    if (value === undefined) continue;
    const fault = rule.takes(value)
      ? rule.within && optionFault(value, rule.within, `${within}${name}.`)
      : `${within}${name} must be ${rule.wants}, found ${describeValue(value)}`;
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** Checks an argument. @throws {ArgumentError} that names it */
export function checkArgument(call: string, name: string, value: unknown, rule: ValueRule): void {
  if (rule.takes(value)) return;
  throw new ArgumentError(
    'BAD_ARGUMENT',
    `Cannot call ${call}: ${name} must be ${rule.wants}, found ${describeValue(value)}`,
  );
}

/** Describes a value in a few words: `the string "9910"`, `an array`, `null`. */
export function describeValue(value: unknown): string {
  if (typeof value === 'string') {
    const shown = withoutSecrets(value);
    const text = shown.length > MAX_QUOTED ? `${shown.slice(0, MAX_QUOTED)}…` : shown;
    return `the string ${JSON.stringify(text)}`;
  }
  if (typeof value === 'number' || typeof value === 'bigint') return `the number ${value}`;
  if (typeof value === 'function') return 'a function';
  if (Array.isArray(value)) return 'an array';
  if (typeof value !== 'object' || value === null) return String(value);
  const name = tagOf(value).slice('[object '.length, -1);
  return name === 'Object' ? 'an object' : `an object of type ${name}`;
}

function isWhole(value: unknown, most: number): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= most;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function tagOf(value: unknown): string {
  return Object.prototype.toString.call(value);
}
