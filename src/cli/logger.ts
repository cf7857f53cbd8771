import { type Logger, pino } from 'pino';
import type { Settings } from '../config/index.ts';
import { printable, printableJson, withoutSecrets } from '../util/index.ts';
import { takesEscapes } from './takes-escapes.ts';

export interface LoggerOptions {
  readonly level: Settings['log.level'];
  /** NDJSON instead of text. */
  readonly isJson: boolean;
  readonly stream: NodeJS.WritableStream & { readonly isTTY?: boolean };
  /** Tells whether a progress bar may be on the stream; absent: the environment of the process. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/**
 * A logger that writes text, or NDJSON. An error belongs under `err`; its stack is in NDJSON, and in text from the
 * level `debug` on.
 */
export function createLogger({ level, isJson, stream, env }: LoggerOptions): Logger {
  const options = { level, base: null, serializers: { err: pino.stdSerializers.errWithCause } };
  if (isJson) return pino(options, { write: (line) => stream.write(printableJson(withoutSecrets(line))) });
  const isTTY = takesEscapes(stream, env);
  const withStack = level === 'debug' || level === 'trace';
  const write = (line: string) => {
    stream.write(formatRecord(JSON.parse(line) as LogRecord, { withStack, isTTY }));
  };
  return pino(options, { write });
}

/** What pino makes of a call, as far as it is shown. */
interface LogRecord {
  readonly level: number;
  readonly time: number;
  readonly msg?: string;
  readonly err?: LoggedError;
}

interface LoggedError {
  readonly message: string;
  readonly stack?: string;
  readonly cause?: LoggedError;
}

/** Wipes off the line of a progress bar, which is drawn again below. */
const CLEAR_LINE = '\r\u001b[K';
/** Where the bar is from now on: when it stops, it goes back to the place that was saved last, and wipes that. */
const SAVE_PLACE = '\u001b7';

function formatRecord(
  { level, time, msg = '', err }: LogRecord,
  { withStack, isTTY }: { readonly withStack: boolean; readonly isTTY: boolean },
): string {
  const what = [msg, err?.message ?? ''].filter((part) => part !== '').join(': ');
  const lines = [`${pino.levels.labels[level]}: ${what}`, ...(withStack ? stackLines(err) : [])];
  const text = lines.map((line) => `${printable(withoutSecrets(line))}\n`).join('');
  return isTTY ? `${CLEAR_LINE}${text}${SAVE_PLACE}` : `${new Date(time).toISOString()} ${text}`;
}

/** The stack of an error, and of what caused it. */
function stackLines(error: LoggedError | undefined): string[] {
  return error === undefined ? [] : [...(error.stack?.split('\n') ?? []), ...stackLines(error.cause)];
}
