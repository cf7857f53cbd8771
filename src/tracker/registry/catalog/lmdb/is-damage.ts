/** The numbers of LMDB's own errors. Others are the system's, as that of a full disk. */
const OWN_ERRORS = { from: -30_799, to: -30_769 };

/** LMDB's own errors that tell of a limit or of the call, and not of the file. */
const NOT_OF_THE_FILE: readonly number[] = [
  -30_792, // MDB_MAP_FULL
  -30_790, // MDB_READERS_FULL
  -30_789, // MDB_TLS_FULL
  -30_788, // MDB_TXN_FULL
  -30_785, // MDB_MAP_RESIZED
  -30_781, // MDB_BAD_VALSIZE
];

/** What LMDB says of each change that comes after one that failed. */
export const BAD_TRANSACTION = -30_782;

/** The code that LMDB fails with from the moment on in which it could not write one of the first two pages. */
export const PANIC = -30_795;

/**
 * Tells whether LMDB failed because its file is damaged. What the system does not allow, and a disk that is full or
 * broken, is not damage: that may pass, and trying again is right.
 */
export function isDamage(thrown: unknown): boolean {
  const code = codeOf(thrown);
  if (typeof code !== 'number') return false;
  return code >= OWN_ERRORS.from && code <= OWN_ERRORS.to && !NOT_OF_THE_FILE.includes(code);
}

/** The `code` of an error: a number when it is LMDB's, a text when it is Node's. */
export function codeOf(thrown: unknown): unknown {
  return typeof thrown === 'object' && thrown !== null && 'code' in thrown ? thrown.code : undefined;
}
