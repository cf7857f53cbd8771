export { createSeeder } from './create-seeder.ts';
export { SeederError, type SeederErrorCode } from './seeder-error.ts';
export type {
  SeededTorrent,
  Seeder,
  SeederOptions,
  TorrentWithData,
} from './seeder-options.ts';
