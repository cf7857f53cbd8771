import { STATUS_CODES } from 'node:http';
import type { Problem } from '../../../tracker-protocol/index.ts';
import { ShoalError } from '../../../util/index.ts';
import type { RegistryError, StoreUnavailableError } from '../../errors/index.ts';

/** Faults that one problem document names. A client that sends 100,000 is told the first of them. */
export const MAX_PROBLEM_ERRORS = 20;

export type FieldErrors = NonNullable<Problem['errors']>;

/** The error for a refused request, with all that the client is told. @see RFC 9457 */
export class ProblemError extends ShoalError<'PROBLEM'> {
  readonly status: number;
  readonly errors: FieldErrors | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    detail: string,
    {
      errors,
      headers = {},
      cause,
    }: { errors?: FieldErrors; headers?: Record<string, string>; cause?: unknown } = {},
  ) {
    super('PROBLEM', detail, { cause });
    this.status = status;
    this.errors = errors;
    this.headers = headers;
  }

  toResponse(): Response {
    const problem: Problem = {
      type: 'about:blank',
      title: STATUS_CODES[this.status] ?? 'Error',
      status: this.status,
      detail: this.message,
      ...(this.errors !== undefined && { errors: this.errors }),
    };
    return new Response(JSON.stringify(problem), {
      status: this.status,
      headers: { 'Content-Type': 'application/problem+json', ...this.headers },
    });
  }
}

/** A fault in a field, as zod finds it. */
export interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** Makes the refusal of an invalid request. @param where the part that was checked: `body`, `query` */
export function invalid(where: string, issues: readonly Issue[]): ProblemError {
  const errors = issues.slice(0, MAX_PROBLEM_ERRORS).map(({ path, message }) => ({
    field: path.length === 0 ? where : path.map(String).join('.'),
    message,
  }));
  return new ProblemError(400, `The ${where} is not valid`, { errors });
}

const STATUS_OF: Readonly<Record<RegistryError['code'], number>> = {
  BAD_FIELD: 400,
  NO_TOKEN: 401,
  WRONG_TOKEN: 403,
  UNKNOWN_SEEDER: 404,
  UNKNOWN_TORRENT: 404,
  FULL: 507,
  ADDRESS_TAKEN: 409,
};

export function registryProblem(error: RegistryError): ProblemError {
  if (error.field !== undefined) return invalid('body', [{ path: [error.field], message: error.message }]);
  return new ProblemError(STATUS_OF[error.code], error.message, {
    ...(error.code === 'NO_TOKEN' && { headers: { 'WWW-Authenticate': 'Bearer' } }),
    cause: error,
  });
}

/** Seconds after which a client should try again while the store is away. */
const RETRY_AFTER = 5;

export function storeProblem(error: StoreUnavailableError): ProblemError {
  return new ProblemError(503, 'The tracker cannot answer now; try again soon', {
    headers: { 'Retry-After': String(RETRY_AFTER) },
    cause: error,
  });
}
