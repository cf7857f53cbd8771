import { InvalidArgumentError } from 'commander';

/** The things that a token may allow. The tracker's own list is not used, because loading it would load the tracker. */
const SCOPES = ['announce', 'register'] as const;

/** Reads the scopes of a flag, each once. @throws {InvalidArgumentError} of commander, which names the flag */
export function readScopes(text: string): (typeof SCOPES)[number][] {
  const found = text.split(',');
  if (found.some((scope) => !SCOPES.some((known) => known === scope))) {
    throw new InvalidArgumentError('Expected announce, register, or both with a comma between.');
  }
  return SCOPES.filter((scope) => found.includes(scope));
}
