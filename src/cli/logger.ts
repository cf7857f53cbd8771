import { type Logger, pino } from 'pino';
import type { Settings } from '../config/index.ts';
import { printable } from './format.ts';

export interface LoggerOptions {
  readonly level: Settings['log.level'];
  /** NDJSON instead of text. */
  readonly isJson: boolean;
  readonly stream: NodeJS.WritableStream & { readonly isTTY?: boolean };
}

/**
 * A logger that writes text, or NDJSON. An error belongs under `err`; its stack is in NDJSON, and in text from the
 * level `debug` on.
 */
export function createLogger({ level, isJson, stream }: LoggerOptions): Logger {
  if (isJson) return pino({ level, base: null }, stream);
  const withStack = level === 'debug' || level === 'trace';
  const write = (line: string) => {
    stream.write(formatRecord(JSON.parse(line) as LogRecord, { withStack, isTTY: stream.isTTY === true }));
  };
  return pino({ level, base: null }, { write });
}

/** What pino makes of a call, as far as it is shown. */
interface LogRecord {
  readonly level: number;
  readonly time: number;
  readonly msg?: string;
  readonly err?: { readonly message: string; readonly stack?: string };
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
  const stack = withStack ? (err?.stack ?? '').split('\n') : [];
  const lines = [`${pino.levels.labels[level]}: ${what}`, ...stack.filter((line) => line !== '')];
  const text = lines.map((line) => `${printable(line)}\n`).join('');
  return isTTY ? `${CLEAR_LINE}${text}${SAVE_PLACE}` : `${new Date(time).toISOString()} ${text}`;
}
