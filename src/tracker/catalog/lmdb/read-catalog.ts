import { open } from 'lmdb';
import { DAMAGED_EXIT_CODE } from './damaged-exit-code.ts';

// Reads a catalog to its end, and writes one value of it again, which shows whether free pages can be found: the program of
// a process of its own, which LMDB takes with it where a pointer in the file is damaged.

/** The numbers of LMDB's own errors; that of a full map is not among them. Others are the system's. */
const OWN_ERRORS = { from: -30_799, to: -30_769, full: -30_792 };

try {
  await readAndWrite(process.argv[2]!);
} catch (thrown) {
  if (isDamage(thrown)) process.exitCode = DAMAGED_EXIT_CODE;
}
// What LMDB could not write, it may try again when it is closed.
process.exit();

async function readAndWrite(path: string): Promise<void> {
  const root = open<Buffer, string>({ path, noSubdir: true, encoding: 'binary', maxDbs: 1 });
  let last: { readonly key: string; readonly value: Buffer } | undefined;
  for (const entry of root.getRange()) last = entry;
  if (last === undefined) return;
  const { key, value } = last;
  try {
    await root.put(key, value);
  } catch (thrown) {
    // What went wrong comes as a rejection of its own.
    await (thrown as { commitError?: Promise<never> }).commitError;
    throw thrown;
  }
}

/** Tells damage from what the system does not allow, such as to open the file, and from a disk that is full. */
function isDamage(thrown: unknown): boolean {
  const { code } = thrown as { readonly code?: unknown };
  // A key or value that cannot be read has no code.
  if (typeof code !== 'number') return code === undefined;
  return code >= OWN_ERRORS.from && code <= OWN_ERRORS.to && code !== OWN_ERRORS.full;
}
