export { ArgumentError } from '../util/index.ts';
export { BLOCK_BYTES } from './block.ts';
export { checkFileName, checkPaths } from './check-paths.ts';
export {
  contentIdOf,
  contentIdOfTorrent,
  type FolderEntry,
  folderListing,
  HASH_OF_NOTHING,
  hashOfLink,
  isFolderListing,
  LISTING_START_BYTES,
} from './content-id.ts';
export { type DiskPlatform, deliveredNameOf, diskNameOf, diskPathsOf } from './disk-paths.ts';
export { createMetainfo, encodeMetainfo } from './encode.ts';
export { compareFilePaths, exactPathOf } from './entry-path.ts';
export { MetainfoError, type MetainfoErrorCode } from './errors.ts';
export { nameFromBytes, nameToBytes } from './file-name.ts';
export { FileTree, pieceHeight, type TreeParts, treePartsOf } from './file-tree.ts';
export { folderFaultOf } from './folder-fault.ts';
export { HashLayers, merkleLayers } from './hash-layers.ts';
export {
  gatherHashes,
  type HashesAt,
  type HashRun,
  isHashRun,
  MAX_HASH_RUN,
  provenLayer,
  rootOfRun,
  treeHeight,
  uncleCount,
} from './hash-run.ts';
export { layOutFiles, type StreamLayout } from './layout.ts';
export { leastTorrentBytes, requireNotTooLong } from './least-torrent-bytes.ts';
export {
  MAX_FILES,
  MAX_LINK_BYTES,
  MAX_LISTED,
  MAX_METAINFO_BYTES,
  MAX_METAINFO_DEPTH,
  MAX_NAME_BYTES,
  MAX_NAMES,
  MAX_NEW_NAMES,
  MAX_PATH_BYTES,
  MAX_PATH_DEPTH,
  MAX_PATH_NAMES,
  MAX_PIECE_LENGTH,
  MAX_PIECES,
  MAX_TEXT_BYTES,
  MAX_TRACKERS,
} from './limits.ts';
export { linkedPath, linkTargetOf } from './link-target.ts';
export {
  leafHashes,
  leavesPerPiece,
  MERKLE_HASH_BYTES,
  merkleRoot,
  pieceLayerPadding,
  pieceLayerRoot,
  pieceRoot,
  powerOfTwoFrom,
} from './merkle.ts';
export type {
  DhtNode,
  EntryPath,
  Metainfo,
  MetainfoFile,
  MetainfoSymlink,
  MetainfoVersion,
  OutsideInfo,
} from './metainfo.ts';
export type { HashedFile, MetainfoExtras, NewMetainfo } from './new-metainfo.ts';
export { dataLengthAt, Pads } from './pads.ts';
export { type ParseMetainfoOptions, parseMetainfo } from './parse.ts';
export {
  expectedPieceHash,
  fileAt,
  fileIndexAt,
  longestPieceLength,
  PIECE_HASH_BYTES,
  type PieceHash,
  type PieceRoot,
  pieceLengthAt,
} from './piece.ts';
export { checkPieceLength, choosePieceLength, pieceLengthFault } from './piece-length.ts';
export { type EntryPlaces, namesOn, placesOf } from './places.ts';
export { reportWarnings } from './report-warnings.ts';
export { Layout, type Placement } from './segments.ts';
