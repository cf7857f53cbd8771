/** The errors of the operating system that a user may meet, in plain words. */
const REASON_OF_ERRNO: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'it would be larger than the file system allows',
  EACCES: 'permission denied',
  EPERM: 'the operation is not permitted',
  EROFS: 'the file system is read-only',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of its path is a file, not a folder',
  EEXIST: 'there is something of that name already',
  ENOTEMPTY: 'the folder is not empty',
  ELOOP: 'its path leads through too many links',
  ENAMETOOLONG: 'its name is too long',
  EINVAL: 'this disk cannot hold that name, or the file does not allow it',
  EILSEQ: 'this disk cannot hold that name',
  ENOENT: 'there is no such file or folder',
  EMFILE: 'too many files are open',
  ENFILE: 'too many files are open on this machine',
  EIO: 'the disk failed to read or write',
};

/** Says in plain words why the operating system did not do something. For a rare error these are the system's own words. */
export function systemReason({ code = '', message }: NodeJS.ErrnoException): string {
  return REASON_OF_ERRNO[code] ?? message;
}
