import { z } from 'zod';
import { canonicalIp } from '../util/index.ts';
import { parseDuration } from './duration.ts';
import { parseRate } from './rate.ts';

const LOG_LEVELS = ['silent', 'error', 'warn', 'info', 'debug', 'trace'] as const;

/** As `GetOptions.preallocation`. */
const PREALLOCATIONS = ['none', 'sparse', 'full'] as const;

const text = z.string().min(1, 'must not be empty');
const port = z
  .string()
  .refine((value) => /^\d{1,5}$/.test(value) && Number(value) <= 65535, 'must be a port, 0 to 65535')
  .transform(Number);
const bytes = z
  .string()
  .refine(
    (value) => /^\d{1,16}$/.test(value) && Number.isSafeInteger(Number(value)),
    'must be a number of bytes in digits',
  )
  .transform(Number);
const sha256 = z
  .string()
  .regex(/^[0-9a-f]{64}$/i, 'must be a SHA-256: 64 hex digits')
  .transform((hex) => hex.toLowerCase());
const ip = z.string().transform((value, context) => {
  const canonical = canonicalIp(value);
  if (canonical !== undefined) return canonical;
  context.addIssue('must be an IPv4 or IPv6 address');
  return z.NEVER;
});
const hostName = z
  .string()
  .refine((value) => /^[\w-]+(\.[\w-]+)*$/.test(value) || canonicalIp(value) !== undefined, {
    error: 'must be an IP address or a host name, without a port',
  });
const duration = z.string().transform((value, context) => {
  const milliseconds = parseDuration(value);
  if (milliseconds !== undefined) return milliseconds;
  context.addIssue('must be a duration from 1ms to 500h with its unit: 500ms, 30s, 5m or 1h');
  return z.NEVER;
});
const rate = z.string().transform((value, context) => {
  const bytesPerSecond = parseRate(value);
  if (bytesPerSecond !== undefined) return bytesPerSecond;
  context.addIssue(
    'must be bytes per second from 1K to 1024G, such as 500K, 10M or 1.5G, in powers of 1,024',
  );
  return z.NEVER;
});
const httpUrl = z.url({
  protocol: /^https?$/,
  error: 'must be an http:// or https:// URL such as http://tracker.example:9910',
});

/**
 * Every setting: its name, how its text is read, its default and what it is for. The one place where a setting is
 * declared; the file's reader, the names of environment variables and the printed reference all follow from it.
 * A default is given as text (`prefault`), as a user would write it.
 */
export const settingsSchema = z.object({
  'tracker.host': hostName.optional().describe('Address the tracker binds to; not set: all interfaces.'),
  'tracker.port': port.prefault('9910').describe('Port of announces and of the web API; 0: any free one.'),
  'tracker.webPort': port.prefault('8081').describe('Port of the web API alone; 0: any free one.'),
  'tracker.url': httpUrl
    .optional()
    .describe(
      'Where seeders and clients find the tracker; not set: tracker.port on tracker.host, or on this machine.',
    ),
  'seeder.host': ip
    .optional()
    .describe('IP address at which peers reach the seeder; not set: the one the tracker sees.'),
  'seeder.port': port.prefault('9911').describe('Port on which the seeder takes peers; 0: any free one.'),
  'seeder.inputDir': text.prefault('data').describe('Folder whose files are seeded.'),
  'client.port': port.prefault('0').describe('Port on which the client takes peers; 0: any free one.'),
  'client.outputFileName': text
    .prefault('/tmp/downloaded.txt')
    .describe('Where the downloaded file is stored.'),
  'client.fileName': text.prefault('aow.txt').describe('Name of the file to get.'),
  'client.fileSize': bytes.prefault('343691').describe('Size of the file to get, in bytes.'),
  'client.fileHash': sha256
    .prefault('c70c1584d83004a88244887aeeeee5cda82d05d1fa60999e65e307c0615d2ca1')
    .describe('SHA-256 of the file to get, in hex.'),
  'client.preallocation': z
    .enum(PREALLOCATIONS, `must be one of ${PREALLOCATIONS.join(', ')}`)
    .prefault('sparse')
    .describe(
      'How a download takes its space on disk: none, as it is written; sparse, likewise, at full length; full, all of it before.',
    ),
  'client.timeout': duration
    .prefault('1h')
    .describe('How long a download may take in all, as 500ms, 30s, 5m or 1h.'),
  'limit.up': rate
    .optional()
    .describe('Bytes per second that may be uploaded, as 500K, 10M or 1.5G; not set: no limit.'),
  'limit.upPerTorrent': rate
    .optional()
    .describe('The same for each torrent of a seeder; not set: as much as all together.'),
  'limit.down': rate
    .optional()
    .describe('Bytes per second that may be downloaded, as 500K, 10M or 1.5G; not set: no limit.'),
  'log.level': z
    .enum(LOG_LEVELS, `must be one of ${LOG_LEVELS.join(', ')}`)
    .prefault('info')
    .describe('How much is logged: silent, error, warn, info, debug or trace.'),
});

/** Name of a setting, as it stands in the file: `tracker.port`. */
export type SettingKey = keyof typeof settingsSchema.shape;

/** The settings as read: ports and sizes as numbers, durations in milliseconds, rates in bytes per second, hashes in lower case. */
export type Settings = z.output<typeof settingsSchema>;

export const SETTING_KEYS = Object.keys(settingsSchema.shape) as SettingKey[];

export function isSettingKey(text: string): text is SettingKey {
  return Object.hasOwn(settingsSchema.shape, text);
}

/** The text of a setting's default, or `undefined` when it has none. */
export function defaultText(key: SettingKey): string | undefined {
  const schema = settingsSchema.shape[key];
  return schema instanceof z.ZodPrefault ? String(schema.def.defaultValue) : undefined;
}

/** The environment variable of a setting: `client.fileName` is `SHOAL_CLIENT_FILE_NAME`. */
export function variableOf(key: SettingKey): string {
  return `${VARIABLE_PREFIX}${key
    .replace('.', '_')
    .replace(/[A-Z]/g, (letter) => `_${letter}`)
    .toUpperCase()}`;
}

/** How the names of all environment variables that set something begin. */
export const VARIABLE_PREFIX = 'SHOAL_';

/** One line of the settings' reference. */
export interface SettingDoc {
  readonly key: SettingKey;
  readonly variable: string;
  readonly default: string | undefined;
  readonly description: string;
}

/** All settings in the order of their declaration, for help texts and the reference. */
export function describeSettings(): SettingDoc[] {
  return SETTING_KEYS.map((key) => ({
    key,
    variable: variableOf(key),
    default: defaultText(key),
    description: settingsSchema.shape[key].description ?? '',
  }));
}
