import { createMetainfo } from '../../src/metainfo/index.ts';

/**
 * Makes what a seeder offers (its `Offer`) of files that need not exist.
 *
 * @param version the state in which all of the files were hashed
 */
export function offerOf(paths: readonly string[], version: string) {
  const metainfo = createMetainfo({
    version: 'v1',
    name: 'torrent',
    isSingleFile: false,
    pieceLength: 16_384,
    files: paths.map((path) => ({ path: path.split('/'), length: 1 })),
    pieces: new Uint8Array(20),
  });
  return {
    source: { kind: 'file', path: paths[0]!, version: 'v1' } as const,
    metainfo,
    torrent: new Uint8Array(),
    path: paths[0]!,
    files: paths.map((path) => ({ path, version })),
  };
}
