import { type Logger, pino } from 'pino';
import { printable, printableJson, withoutSecrets } from '../util/index.ts';
import type { Settings } from './settings.ts';
import { takesEscapes } from './takes-escapes.ts';

export interface LoggerOptions {
  readonly level: Settings['log.level'];
  /** Whether records are written as NDJSON instead of text. */
  readonly isJson: boolean;
  readonly stream: NodeJS.WritableStream & { readonly isTTY?: boolean };
  /** The environment, which tells whether a progress bar may be on the stream; by default that of the process. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Tells whether the message of an error always names the attempt. Without this function, none does. */
  readonly namesAttempt?: (error: Error) => boolean;
}

/**
 * Makes a logger that writes text or NDJSON. An error belongs under `err`. Its stack is written in NDJSON, and in text from
 * the level `debug` on.
 */
export function createLogger({
  level,
  isJson,
  stream,
  env,
  namesAttempt = () => false,
}: LoggerOptions): Logger {
  const options = { level, base: null };
  const { errWithCause } = pino.stdSerializers;
  const jsonOptions = { ...options, serializers: { err: errWithCause } };
  if (isJson)
    return pino(jsonOptions, { write: (line) => stream.write(printableJson(withoutSecrets(line))) });
  const isTTY = takesEscapes(stream, env);
  const serializers = {
    err: (error: Error) => ({ ...errWithCause(error), namesAttempt: namesAttempt(error) }),
  };
  const withStack = level === 'debug' || level === 'trace';
  const write = (line: string) => {
    stream.write(formatRecord(JSON.parse(line) as LogRecord, { withStack, isTTY }));
  };
  return pino({ ...options, serializers }, { write });
}

/** The fields of a record of pino that are shown. */
interface LogRecord {
  readonly level: number;
  readonly time: number;
  readonly msg?: string;
  readonly err?: LoggedError;
  /** The number of similar records that were left out before it. */
  readonly leftOut?: number;
}

interface LoggedError {
  /** Whether the message always names the attempt. */
  readonly namesAttempt?: boolean;
  readonly message: string;
  /** A sentence on what to do. */
  readonly advice?: string;
  readonly stack?: string;
  readonly cause?: LoggedError;
}

/** The escape sequence that clears the line of a progress bar, which is then drawn again below. */
const CLEAR_LINE = '\r\u001b[K';
/**
 * The escape sequence that saves the place of the bar. When the bar stops, it goes back to the last saved place and clears
 * that line.
 */
const SAVE_PLACE = '\u001b7';

function formatRecord(
  { level, time, err, ...record }: LogRecord,
  { withStack, isTTY }: { readonly withStack: boolean; readonly isTTY: boolean },
): string {
  const what = describe(record, err);
  const advice = err?.advice === undefined ? '' : `. ${err.advice}`;
  const lines = [`${pino.levels.labels[level]}: ${what}${advice}`, ...(withStack ? stackLines(err) : [])];
  const text = lines.map((line) => `${printable(withoutSecrets(line))}\n`).join('');
  return isTTY ? `${CLEAR_LINE}${text}${SAVE_PLACE}` : `${new Date(time).toISOString()} ${text}`;
}

/** Describes an attempt and its error. Many errors name the attempt themselves; it is then not repeated. */
function describe(
  { msg = '', leftOut = 0 }: Pick<LogRecord, 'msg' | 'leftOut'>,
  err: LoggedError | undefined,
): string {
  if (err === undefined) return msg;
  const attempted = msg.replace(/^Could not /, 'Cannot ');
  if (err.message.startsWith(`${attempted}: `)) return `${msg}${err.message.slice(attempted.length)}`;
  const saysAll = err.namesAttempt === true && err.message.startsWith('Cannot ') && leftOut === 0;
  return saysAll || msg === '' ? err.message : `${msg}: ${err.message}`;
}

/** Lists the stack of an error, and of the errors that caused it. */
function stackLines(error: LoggedError | undefined): string[] {
  return error === undefined ? [] : [...(error.stack?.split('\n') ?? []), ...stackLines(error.cause)];
}
