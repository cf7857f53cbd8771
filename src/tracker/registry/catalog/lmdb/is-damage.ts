/** The range of the numbers of LMDB's own errors. Others are the system's, as that of a full disk. */
const OWN_ERRORS = { from: -30_799, to: -30_769 };

/** LMDB's own errors that are about a limit or the call, and not about the file. */
const NOT_OF_THE_FILE: readonly number[] = [
  -30_792, // MDB_MAP_FULL
  -30_790, // MDB_READERS_FULL
  -30_789, // MDB_TLS_FULL
  -30_788, // MDB_TXN_FULL
  -30_785, // MDB_MAP_RESIZED
  -30_781, // MDB_BAD_VALSIZE
];

/** The error of LMDB for each change after one that failed. */
export const BAD_TRANSACTION = -30_782;

/** The code of all failures of LMDB once it could not write one of the first two pages. */
export const PANIC = -30_795;

/**
 * Says whether LMDB failed because its file is damaged. A call that the system does not allow, and a full or broken disk,
 * are no damage: trying again may succeed.
 */
export function isDamage(thrown: unknown): boolean {
  const code = codeOf(thrown);
  if (typeof code !== 'number') return false;
  return code >= OWN_ERRORS.from && code <= OWN_ERRORS.to && !NOT_OF_THE_FILE.includes(code);
}

/** Gives the `code` of an error: a number for one of LMDB, a text for one of Node. */
export function codeOf(thrown: unknown): unknown {
  return typeof thrown === 'object' && thrown !== null && 'code' in thrown ? thrown.code : undefined;
}
