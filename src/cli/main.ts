#!/usr/bin/env node
import { holdSignals } from './signals.ts';

// This comes first, in a file of a few lines, because a signal without a listener ends the process with a wrong exit code.
holdSignals();
const { runCommandLine } = await import('./start.ts');
await runCommandLine();
