import { nearest } from '../util/index.ts';
import { ConfigError } from './config-error.ts';
import type { AnyTable, Remarks } from './config-file.ts';
import type { FoundSettings } from './config-source.ts';
import { isSetByKubernetes } from './kubernetes.ts';
import { VARIABLE_PREFIX } from './setting-table.ts';
import { isThenVariable } from './then-variables.ts';

/**
 * Reads the settings of the environment. An unknown `SHOAL_…` variable is no error, because other programs and newer versions
 * of Shoal share the environment.
 *
 * @param remarks gets a notice of each unknown variable
 */
export function readEnvironment(
  table: AnyTable,
  env: Readonly<Record<string, string | undefined>>,
  { faults, notices }: Remarks,
): FoundSettings {
  const known = table.byVariable();
  const found: FoundSettings = new Map();
  for (const [variable, text] of Object.entries(env)) {
    if (text === undefined || !variable.startsWith(VARIABLE_PREFIX)) continue;
    if (isSetByKubernetes(variable, text) || isThenVariable(variable)) continue;
    const key = known.get(variable);
    if (key === undefined) {
      notices.push({ level: 'warn', message: unknown(variable, [...known.keys()]) });
      continue;
    }
    const earlier = found.get(key);
    if (earlier?.origin.kind === 'environment') {
      const message = `${variable}: ${key} is already set by ${earlier.origin.variable}; remove one of the two`;
      faults.push(new ConfigError('DUPLICATE_KEY', message, { key: variable }));
      continue;
    }
    found.set(key, { text: text.trim(), origin: { kind: 'environment', variable } });
  }
  return found;
}

function unknown(variable: string, known: readonly string[]): string {
  const candidate = nearest(variable, known);
  const hint = candidate === undefined ? '' : `; did you mean ${candidate}?`;
  return `The environment variable ${variable} is ignored: no setting has it${hint}`;
}
