import { withoutTokens } from '../tracker-protocol/index.ts';

/** What a setting says, as it can be shown to anyone: without the passwords and tokens of its URLs. */
export function withoutPassword(text: string): string {
  return withoutTokens(text).replaceAll(/(:\/\/[^:/@\s]*:)[^/@\s]*@/g, '$1***@');
}
