import { expect, test } from 'vitest';
import { TOKEN_SCOPES } from '../tracker/index.ts';
import { readScopes } from './read-scopes.ts';

test('readScopes() reads every scope that the tracker knows, and refuses other texts', () => {
  expect(readScopes('register,announce')).toEqual(['announce', 'register']);
  expect(readScopes(TOKEN_SCOPES.join(','))).toEqual(TOKEN_SCOPES);
  for (const text of ['', 'announce,', 'admin', 'announce register']) {
    expect(() => readScopes(text), text).toThrow(/^Expected announce/);
  }
});
