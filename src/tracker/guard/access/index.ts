export { Access, type AccessOptions, type AccessStats } from './access.ts';
export { AccessFileError } from './access-file-error.ts';
export {
  type AccessToken,
  isInForce,
  MAX_TOKEN_NAME,
  TOKEN_SCOPES,
  type TokenScope,
} from './access-token.ts';
export { readInfoHashList } from './info-hash-list.ts';
export { createToken, type NewToken, readTokens, revokeToken } from './token-file.ts';
export { hashToken } from './token-table.ts';
