import { ShoalError } from '../util/index.ts';

/** The error for a response of the web API that is JSON of another shape. Its message names the fields. */
export class ResponseShapeError extends ShoalError<'BAD_SHAPE'> {}
