import type { FoundSettings, Sources } from '../config/index.ts';

/** The settings that describe the file to get. */
const WANTED_FILE_KEYS = ['client.fileName', 'client.fileSize', 'client.fileHash'] as const;
/** The setting for the path of that file. */
const OUTPUT_KEY = 'client.outputFileName';

/**
 * Drops settings that describe another file than the flags do. The rule is in docs/command-line.md: if a flag gives a name, a
 * size or a SHA-256, those of the environment and the file are not used, nor the output name in a file that has one of them.
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
 * Tells whether a source describes the file to get. An empty value does not count: it only removes the value of a weaker
 * source.
 */
function describesFile(source: FoundSettings): boolean {
  return WANTED_FILE_KEYS.some((key) => (source.get(key)?.text ?? '') !== '');
}
