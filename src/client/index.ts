export { get } from './get.ts';
export { type GetChoice, GetError, type GetErrorCode, type GetErrorOptions } from './get-error.ts';
export type {
  GetOptions,
  GetPhase,
  GetProgress,
  GetResult,
  RenamedFile,
  SeedingResult,
} from './get-options.ts';
export type { SeedingEnd } from './seed-until.ts';
export type { Situation, TrackerSummary } from './situation.ts';
