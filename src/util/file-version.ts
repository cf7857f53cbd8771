/** The fields of `fs.stat` with `bigint: true` that tell one state of a file from another. */
export interface FileStats {
  readonly dev: bigint;
  readonly ino: bigint;
  /** Bytes. */
  readonly size: bigint;
  readonly mtimeNs: bigint;
}

/** Names the state of a file: the text differs once the file was written to, or another one stands in its place. */
export function fileVersion({ dev, ino, size, mtimeNs }: FileStats): string {
  return `${dev}:${ino}:${size}:${mtimeNs}`;
}
