import type { FoundSettings } from './config-source.ts';

/** The settings that say which file to get. */
const WANTED_FILE_KEYS = ['client.fileName', 'client.fileSize', 'client.fileHash'] as const;
/** The setting that says where that file goes. */
const OUTPUT_KEY = 'client.outputFileName';

/**
 * Takes away what describes another file than the one wanted. The rule (docs/command-line.md has it for users): the
 * strongest source with a name, a size or a SHA-256 says which file to get; none of these is taken from a weaker source,
 * nor the output name of a weaker source that has one of these.
 *
 * @param sources the strongest first; changed in place
 */
export function dropOtherFiles(sources: readonly FoundSettings[]): void {
  const strongest = sources.findIndex(describesFile);
  if (strongest !== -1) for (const source of sources.slice(strongest + 1)) dropFile(source);
}

/** Takes away what a source says of a file, for a file that somebody stronger names. */
function dropFile(source: FoundSettings): void {
  if (describesFile(source)) source.delete(OUTPUT_KEY);
  for (const key of WANTED_FILE_KEYS) source.delete(key);
}

/** An empty value takes a weaker source's value away, and describes nothing. */
function describesFile(source: FoundSettings): boolean {
  return WANTED_FILE_KEYS.some((key) => (source.get(key)?.text ?? '') !== '');
}
