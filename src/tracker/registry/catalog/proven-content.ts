import type { StoredTorrent } from './catalog.ts';

/** The facts about the content of a torrent that its metainfo proves, whatever a seeder says. */
export interface ProvenContent {
  /** The content id of a folder; `undefined` for a file, and for a folder that has none. */
  readonly contentId?: string | undefined;
  /** The number of files of a folder; `undefined` for a single file. */
  readonly files?: number | undefined;
}

/** Says whether a description agrees with the content. A folder has no SHA-256; that of a file cannot be checked here. */
export function agreesWith({ sha256, contentId, files }: StoredTorrent, content: ProvenContent): boolean {
  if (contentId !== content.contentId || files !== content.files) return false;
  return files === undefined || sha256 === undefined;
}

/** Replaces the content in a description, and drops what contradicts it. */
export function withContent(torrent: StoredTorrent, { contentId, files }: ProvenContent): StoredTorrent {
  const { sha256, contentId: _, files: __, ...described } = torrent;
  if (files === undefined) return { ...described, ...(sha256 !== undefined && { sha256 }) };
  return { ...described, ...(contentId !== undefined && { contentId }), files };
}
