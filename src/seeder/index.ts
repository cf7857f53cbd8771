export { createSeeder } from './create-seeder.ts';
export {
  type SeededTorrent,
  type Seeder,
  SeederError,
  type SeederErrorCode,
  type SeederOptions,
  type TorrentWithData,
} from './seeder-options.ts';
