#!/usr/bin/env node
import { holdSignals } from './signals.ts';

// This comes first, in a file of a few lines: a signal that comes before somebody listens ends the process without its exit code.
holdSignals();
const { runCommandLine } = await import('./start.ts');
await runCommandLine();
