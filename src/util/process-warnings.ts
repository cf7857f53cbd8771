import type { ReportError } from './background.ts';
import { limitReports } from './limit-reports.ts';
import { printable } from './printable.ts';

/** Emits errors as warnings of the process, for callers of the library that give no callback for them. */
export const warnProcess: ReportError = limitReports((error, context) =>
  process.emitWarning(printable(error.message), { detail: context }),
);
