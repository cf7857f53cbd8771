import type { Access } from '../../guard/access/index.ts';
import { ProblemError, registryProblem } from './problems.ts';

/** The paths of the web API with something before them. */
const BEHIND_SOMETHING = /^\/([^/]+)(\/(?:api\/v1|metrics|openapi\.json)(?:\/|$))/;

/**
 * Makes the refusal of a request for an unknown path. Where a token is needed, text before a path of the web API is likely to
 * be a mistyped token: it is refused as a token, so that nobody looks for a mistake in the address.
 */
export function nothingAt(path: string, access: Access): ProblemError {
  const [, before, behind] = BEHIND_SOMETHING.exec(path) ?? [];
  if (before !== undefined && access.wantsTokens) return registryProblem(access.refusePath(before));
  const where = behind === undefined ? '' : '; the web API of this tracker is at /api/v1';
  return new ProblemError(404, `There is nothing at ${path}${where}`);
}
