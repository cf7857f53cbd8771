import { randomBytes } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { FileKindError, findWritableName, syncFolder } from '../../../files/index.ts';
import { formatAccessToken, TOKEN_ID_LENGTH, TOKEN_SECRET_BYTES } from '../../../tracker-protocol/index.ts';
import { parseJson, toError } from '../../../util/index.ts';
import { AccessFileError } from './access-file-error.ts';
import {
  type AccessToken,
  revocationLine,
  type TokenLine,
  type TokenScope,
  tokenLine,
  tokenLineSchema,
} from './access-token.ts';
import { readAccessFile } from './read-access-file.ts';
import { hashToken, TokenTable } from './token-table.ts';

/** The most bytes of the file of tokens: some 50,000 tokens. */
export const MAX_TOKEN_FILE_BYTES = 16 * 1024 * 1024;

/** The properties of a token to make. */
export interface NewToken {
  readonly scopes: readonly TokenScope[];
  readonly name?: string;
  /** The time at which it expires; `undefined`: it never does. */
  readonly expires?: Date;
}

/*
 * The file of tokens holds one JSON object a line, and is only ever appended to: a line for each token that is made, and one
 * for each that is revoked. A line is appended in one write, so that writers need not wait for each other and none undoes
 * the work of another; it is synced to the disk before its writer returns.
 */

/**
 * Reads the file of tokens. A file that does not exist is no error: there is none before the first token is made.
 *
 * @throws {AccessFileError} UNREADABLE, TOO_LARGE, BAD_LINE
 */
export async function readTokens(path: string): Promise<TokenTable> {
  return (await readTokensIfThere(path)) ?? new TokenTable();
}

/**
 * Makes a function that reads the file of tokens again and again. If the file has existed, it is an error when it is gone.
 *
 * @returns a function that throws as {@link readTokens} does, and UNREADABLE when the file is gone
 */
export function tokensReader(path: string): () => Promise<TokenTable> {
  let wasThere = false;
  return async () => {
    const tokens = await readTokensIfThere(path);
    if (tokens === undefined && wasThere) {
      throw new AccessFileError('UNREADABLE', `Cannot read ${path}: there is no such file any more`);
    }
    wasThere ||= tokens !== undefined;
    return tokens ?? new TokenTable();
  };
}

async function readTokensIfThere(path: string): Promise<TokenTable | undefined> {
  const bytes = await readAccessFile(path, MAX_TOKEN_FILE_BYTES);
  return bytes && parseTokens(bytes, path);
}

/** Reads the lines of the file of tokens. @param path for messages @throws {AccessFileError} BAD_LINE */
export function parseTokens(bytes: Buffer, path: string): TokenTable {
  const tokens = new Map<string, AccessToken>();
  for (const [at, line] of bytes.toString('utf8').split('\n').entries()) {
    if (line.trim() === '') continue;
    const read = readLine(line, `${path}:${at + 1}`);
    if ('revoke' in read) {
      const { revoke, at } = read;
      const token = tokens.get(revoke);
      if (token !== undefined) tokens.set(revoke, { ...token, revoked: at });
      continue;
    }
    const { sha256, expires, ...token } = read;
    const hash = Buffer.from(sha256, 'hex');
    tokens.set(token.id, { ...token, hash, ...(expires !== undefined && { expires }) });
  }
  return new TokenTable(tokens);
}

/** Reads one line of the file. @param where names the line, for the message @throws {AccessFileError} BAD_LINE */
function readLine(line: string, where: string): TokenLine {
  try {
    return tokenLineSchema.parse(parseJson(Buffer.from(line)));
  } catch (cause) {
    throw new AccessFileError(
      'BAD_LINE',
      `${where}: the line is not what \`shoal token\` writes; take it out of the file`,
      { cause },
    );
  }
}

/**
 * Makes a token, and the file if there is none.
 *
 * @returns the token, and its text, which is stored nowhere
 * @throws {AccessFileError}
 */
export async function createToken(
  path: string,
  { scopes, name = '', expires }: NewToken,
): Promise<{ readonly token: AccessToken; readonly text: string }> {
  const known = await readTokens(path);
  const id = freeId(known);
  const text = formatAccessToken(id, randomBytes(TOKEN_SECRET_BYTES));
  const created = new Date();
  const token = {
    id,
    hash: hashToken(text),
    scopes,
    name,
    created,
    ...(expires !== undefined && { expires }),
  };
  await appendLine(path, tokenLine(token));
  return { token, text };
}

/**
 * Revokes a token; it is of no use any more.
 *
 * @returns the token; `undefined` when there is no token of that id
 * @throws {AccessFileError}
 */
export async function revokeToken(path: string, id: string): Promise<AccessToken | undefined> {
  const token = (await readTokens(path)).get(id);
  if (token === undefined || token.revoked !== undefined) return token;
  const revoked = new Date();
  await appendLine(path, revocationLine(id, revoked));
  return { ...token, revoked };
}

function freeId(known: TokenTable): string {
  for (;;) {
    const id = randomBytes(TOKEN_ID_LENGTH / 2).toString('hex');
    if (known.get(id) === undefined) return id;
  }
}

async function appendLine(path: string, line: string): Promise<void> {
  try {
    // The name is looked up first, so that no pipe or device in the file's place is opened. A link to a file is followed.
    const { path: own } = await findWritableName('write to', path);
    await using file = await open(own, 'a+', 0o600);
    const start = (await endsInLine(file)) ? '\n' : '';
    await file.write(`${start}${line}\n`);
    await file.sync();
    await syncFolder(dirname(own));
  } catch (thrown) {
    const cause = toError(thrown);
    const why = cause instanceof FileKindError ? cause.message : `Cannot write ${path}: ${cause.message}`;
    throw new AccessFileError('UNWRITABLE', why, { cause });
  }
}

/** Says whether the last line has its end; an editor may have left it without. */
async function endsInLine(file: FileHandle): Promise<boolean> {
  const { size } = await file.stat();
  if (size === 0) return false;
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer.toString() !== '\n';
}
