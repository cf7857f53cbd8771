import { join } from 'node:path';
import { nearest, suggest, toError } from '../util/index.ts';
import { ConfigError } from './config-error.ts';
import type { ConfigNotice, FoundSettings } from './config-source.ts';
import {
  decodeProperties,
  isFile,
  type Property,
  parseProperties,
  readPropertiesBytes,
  readPropertiesFile,
} from './properties-file.ts';
import type { Setting } from './setting.ts';
import type { SettingTable } from './setting-table.ts';

/** The name of the file that is always read, whatever its keys are. */
const OWN_FILE = 'shoal.properties';
/** The name of a file that may belong to another program. It is read only if its keys are Shoal's. */
const SHARED_FILE = 'config/config.properties';

/**
 * The default files, relative to the current directory. The first one that belongs to Shoal is read.
 */
export const DEFAULT_CONFIG_FILES = [OWN_FILE, SHARED_FILE] as const;

/** A table of settings of any kind. */
export type AnyTable = SettingTable<Setting>;

/** The faults and notices that were found while reading settings. */
export interface Remarks {
  readonly faults: ConfigError[];
  readonly notices: ConfigNotice[];
}

/**
 * Reads the settings of a file.
 *
 * @param table the table of all settings
 * @param asked a file that must exist; by default the first of {@link DEFAULT_CONFIG_FILES} that belongs to Shoal, if any
 * @param folder the folder of the default files; an empty text for the current directory
 * @param remarks gets the faults of unknown and repeated keys, and a notice of a file that is ignored
 * @throws {ConfigError} `UNREADABLE`
 */
export async function readConfigFile(
  table: AnyTable,
  asked: string | undefined,
  folder: string,
  remarks: Remarks,
): Promise<FoundSettings> {
  const chosen =
    asked === undefined ? await findDefaultFile(table, folder, remarks) : await readNamedFile(asked);
  return chosen === undefined ? new Map() : settingsOf(table, chosen, remarks);
}

/** The properties of a file. */
export interface ReadFile {
  readonly file: string;
  readonly properties: readonly Property[];
}

async function readNamedFile(file: string): Promise<ReadFile> {
  const properties = await readPropertiesFile(file);
  if (properties !== undefined) return { file, properties };
  throw new ConfigError('UNREADABLE', `Cannot read ${file}: there is no such file`);
}

async function findDefaultFile(
  table: AnyTable,
  folder: string,
  { notices }: Remarks,
): Promise<ReadFile | undefined> {
  const own = join(folder, OWN_FILE);
  const shared = join(folder, SHARED_FILE);
  if (await isFile(own)) {
    if (await isFile(shared)) {
      notices.push({ level: 'debug', message: `${shared} is not read: ${own} comes first` });
    }
    return readNamedFile(own);
  }
  const bytes = (await isFile(shared)) ? await tryToRead(shared, notices) : undefined;
  if (bytes === undefined) return undefined;
  if (isOurs(table, bytes)) return { file: shared, properties: decodeProperties(shared, bytes) };
  const message = `${shared} is not read: none of its keys is a setting of Shoal`;
  notices.push({ level: 'debug', message });
  return undefined;
}

async function tryToRead(file: string, notices: ConfigNotice[]): Promise<Uint8Array | undefined> {
  try {
    return await readPropertiesBytes(file);
  } catch (thrown) {
    notices.push({ level: 'warn', message: `${toError(thrown).message}; Shoal goes on without that file` });
    return undefined;
  }
}

/**
 * Tells whether a file that may belong to another program has settings of Shoal: one of its keys is a setting, or all of them
 * begin like one. A `log.level` alone does not count, because many programs have one.
 */
function isOurs(table: AnyTable, bytes: Uint8Array): boolean {
  const keys = parseProperties(new TextDecoder().decode(bytes)).map(({ key }) => key);
  return (
    keys.some((key) => table.isOwn(key)) || (keys.length > 0 && keys.every((key) => table.beginsLikeOne(key)))
  );
}

/** Finds the settings among the properties of a file. @param remarks gets the faults of unknown and repeated keys */
export function settingsOf(
  table: AnyTable,
  { file, properties }: ReadFile,
  { faults }: Remarks,
): FoundSettings {
  const found: FoundSettings = new Map();
  const lineOf = new Map<string, number>();
  const unknown: Property[] = [];
  for (const { key: name, value, line } of properties) {
    const key = table.keyOf(name);
    if (key === undefined) {
      if (nearest(name, table.keys) === undefined) {
        unknown.push({ key: name, value, line });
        continue;
      }
      const message = `${file}:${line}: unknown key ${JSON.stringify(name)}; ${suggest(name, table.keys)}`;
      faults.push(new ConfigError('UNKNOWN_KEY', message, { key: name }));
      continue;
    }
    const earlier = lineOf.get(key);
    if (earlier !== undefined) {
      const message = `${file}:${line}: ${key} is already set on line ${earlier}; remove one of the two`;
      faults.push(new ConfigError('DUPLICATE_KEY', message, { key }));
      continue;
    }
    lineOf.set(key, line);
    found.set(key, { text: value, origin: { kind: 'file', file, line } });
  }
  faults.push(...unknownKeys(table, file, unknown));
  return found;
}

/** The number of unknown keys that one message names. */
const KEYS_TOLD = 10;

/** Makes one error of all unknown keys that resemble no setting, with one list of the settings. */
function unknownKeys(table: AnyTable, file: string, unknown: readonly Property[]): ConfigError[] {
  const [first, ...more] = unknown;
  if (first === undefined) return [];
  const told = more.slice(0, KEYS_TOLD - 1).map(({ key, line }) => `${JSON.stringify(key)} on line ${line}`);
  if (more.length > told.length) told.push(`and ${more.length - told.length} more`);
  const others = told.length === 0 ? '' : `, as are ${told.join(', ')}`;
  const allowed = suggest(first.key, table.keys);
  const message = `${file}:${first.line}: unknown key ${JSON.stringify(first.key)}${others}; ${allowed}`;
  return [new ConfigError('UNKNOWN_KEY', message, { key: first.key })];
}
