export { get } from './get.ts';
export { GetError, type GetErrorCode } from './get-error.ts';
export type { GetOptions, GetPhase, GetProgress, GetResult } from './get-options.ts';
