import type { FoundSettings, Sources } from '../config/index.ts';

/** The settings that say which file to get. */
const WANTED_FILE_KEYS = ['client.fileName', 'client.fileSize', 'client.fileHash'] as const;
/** The setting that says where that file goes. */
const OUTPUT_KEY = 'client.outputFileName';

/**
 * Drops settings that describe another file than the one that a flag names. The rule (docs/command-line.md has it for
 * users): a name, a size or a SHA-256 given as a flag is not mixed with those of the environment and the file, nor with
 * the output name of a file that describes one.
 */
export function dropOtherFile({ flags, environment, file }: Sources): void {
  if (!describesFile(flags)) return;
  if (describesFile(file)) file.delete(OUTPUT_KEY);
  for (const key of WANTED_FILE_KEYS) {
    environment.delete(key);
    file.delete(key);
  }
}

/**
 * Tells whether a source says which file to get. An empty value does not: it only takes the value of a weaker source
 * away.
 */
function describesFile(source: FoundSettings): boolean {
  return WANTED_FILE_KEYS.some((key) => (source.get(key)?.text ?? '') !== '');
}
