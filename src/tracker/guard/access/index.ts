export { Access, type AccessOptions, type AccessStats } from './access.ts';
export { AccessFileError } from './access-file-error.ts';
export {
  type AccessToken,
  isInForce,
  MAX_TOKEN_NAME,
  TOKEN_SCOPES,
  type TokenScope,
} from './access-token.ts';
export { MAX_LIST_BYTES, MAX_LIST_ENTRIES, readInfoHashList } from './info-hash-list.ts';
export { createToken, MAX_TOKEN_FILE_BYTES, type NewToken, readTokens, revokeToken } from './token-file.ts';
export { hashToken } from './token-table.ts';
