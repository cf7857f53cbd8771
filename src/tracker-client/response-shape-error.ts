import { ShoalError } from '../util/index.ts';

/** The error of an answer of the web API that is JSON of another shape. Its message says in which fields. */
export class ResponseShapeError extends ShoalError<'BAD_SHAPE'> {}
