import type { GetOptions } from '../client/index.ts';
import { UsageError } from './errors.ts';
import { givenTracker } from './given-tracker.ts';
import { readTorrentFile } from './read-torrent-file.ts';
import { refuseStdout } from './refuse-stdout.ts';
import type { LoadedSettings, SettingKey } from './settings.ts';
import { readTarget } from './target.ts';

/** The thing to get, and where it goes. */
export type Wanted = Pick<
  GetOptions,
  'tracker' | 'torrent' | 'name' | 'size' | 'id' | 'sha256' | 'infoHash' | 'output'
>;

/**
 * Finds out what to get, by TARGET or by the settings. With a TARGET, the settings of the file and the environment that
 * describe a file are about another one.
 *
 * @param target as {@link readTarget} takes it
 * @param id the id that it must have; alone it is the TARGET
 * @throws {UsageError} when nothing says which file, or two things do
 */
export async function readWanted(
  config: LoadedSettings,
  target: string | undefined,
  id?: string,
): Promise<Wanted> {
  const { settings, texts, origins } = config;
  const isFlag = origins['client.outputFileName'].kind === 'flag';
  refuseStdout(isFlag ? texts['client.outputFileName'] : settings['client.outputFileName']);
  if (id !== undefined && !/^[0-9a-f]{64}$/i.test(id))
    throw new UsageError(`Cannot get a file by --id ${id}: an id has 64 hex digits`);
  if (target === undefined) return id === undefined ? wantedBySettings(config) : wantedByTarget(config, id);
  const wanted = await wantedByTarget(config, target);
  if (id === undefined) return wanted;
  if (wanted.id !== undefined) throw new UsageError('Give the id once: as TARGET or as --id');
  return { ...wanted, id };
}

function wantedBySettings({ settings }: LoadedSettings): Wanted {
  const name = settings['client.fileName'];
  const size = settings['client.fileSize'];
  const sha256 = settings['client.fileHash'];
  if (name === undefined && size === undefined && sha256 === undefined) {
    throw new UsageError('Cannot get a file: nothing says which', [
      'Give its id, its name, an info-hash or a .torrent file: shoal get beach.jpg',
      'or set client.fileName, client.fileSize or client.fileHash in shoal.properties.',
    ]);
  }
  return { ...defined({ name, size, sha256 }), ...outputOf(settings), tracker: settings['tracker.url'] };
}

async function wantedByTarget(config: LoadedSettings, text: string): Promise<Wanted> {
  const { settings, origins } = config;
  const ifFlag = <Key extends SettingKey>(key: Key) =>
    origins[key].kind === 'flag' ? settings[key] : undefined;
  const flags = {
    ...defined({
      name: ifFlag('client.fileName'),
      size: ifFlag('client.fileSize'),
      sha256: ifFlag('client.fileHash'),
    }),
    ...(isOutputOfAnotherFile(config) ? {} : outputOf(settings)),
  };
  const tracker = settings['tracker.url'];
  const target = await readTarget(text);
  switch (target.kind) {
    case 'torrent': {
      const torrent = await readTorrentFile(target.path);
      return { ...flags, torrent, ...defined({ tracker: givenTracker(config) }) };
    }
    case 'infoHash':
      return { ...flags, tracker, infoHash: target.infoHash };
    case 'id':
      if (flags.sha256 !== undefined) throw new UsageError('Give the SHA-256 once: as TARGET or as --sha256');
      return { ...flags, tracker, id: target.id };
    case 'name':
      if (flags.name !== undefined) throw new UsageError('Give the name once: as TARGET or as --name');
      return { ...flags, tracker, name: target.name };
  }
}

/** Tells whether the output name belongs to the file that the configuration file describes. */
function isOutputOfAnotherFile({ settings, origins }: LoadedSettings): boolean {
  const keys = ['client.fileName', 'client.fileSize', 'client.fileHash'] as const;
  const isOfFile = (key: SettingKey) => settings[key] !== undefined && origins[key].kind === 'file';
  return isOfFile('client.outputFileName') && keys.some(isOfFile);
}

function outputOf(settings: LoadedSettings['settings']): Pick<Wanted, 'output'> {
  return defined({ output: settings['client.outputFileName'] });
}

/** Copies the entries that are not `undefined`. */
function defined<T extends object>(values: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [Key in keyof T]?: Exclude<T[Key], undefined> };
}
