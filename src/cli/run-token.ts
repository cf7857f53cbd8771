import { stat } from 'node:fs/promises';
import {
  type AccessToken,
  createToken,
  isInForce,
  MAX_TOKEN_NAME,
  readTokens,
  revokeToken,
  type TokenScope,
} from '../tracker/index.ts';
import { accessTokenId } from '../tracker-protocol/index.ts';
import { printable } from '../util/index.ts';
import { UsageError } from './errors.ts';
import { formatTable } from './format.ts';
import type { CommandContext } from './run-command.ts';

export interface CreateTokenFlags {
  readonly scope: readonly TokenScope[];
  readonly name?: string;
  /** The milliseconds for which the token is valid; by default for ever. */
  readonly expires?: number;
}

export async function runCreateToken(context: CommandContext, flags: CreateTokenFlags): Promise<void> {
  const { scope, name = '', expires } = flags;
  if (name.length > MAX_TOKEN_NAME) {
    throw new UsageError(`The name of a token has up to ${MAX_TOKEN_NAME} characters, found ${name.length}`);
  }
  const { token, text } = await createToken(fileOf(context), {
    scopes: scope,
    name,
    ...(expires !== undefined && { expires: new Date(Date.now() + expires) }),
  });
  // The token is the only line, so that a script can use it directly.
  context.output.print({ event: 'created', token: text, ...described(token) }, [text]);
}

export async function runListTokens(context: CommandContext): Promise<void> {
  const file = fileOf(context);
  const { all } = await readTokens(file);
  const { output } = context;
  if (all.length === 0 && !(await isThere(file))) {
    throw new UsageError(`Cannot list the tokens of ${file}: there is no such file`, [
      'Is the path right? `shoal token create` makes the file with its first token.',
    ]);
  }
  if (output.isJson) {
    for (const token of all) output.print({ event: 'token', ...described(token) }, []);
    return;
  }
  const rows = all.map((token) => [
    token.id,
    stateOf(token),
    token.scopes.join(','),
    day(token.created),
    token.expires === undefined ? 'never' : day(token.expires),
    printable(token.name),
  ]);
  output.print(
    {},
    rows.length === 0
      ? ['No tokens']
      : formatTable(['ID', 'STATE', 'SCOPES', 'CREATED', 'EXPIRES', 'NAME'], rows),
  );
}

export async function runRevokeToken(context: CommandContext, given: string): Promise<void> {
  const file = fileOf(context);
  const id = accessTokenId(given) ?? given;
  const token = await revokeToken(file, id);
  if (token === undefined) {
    throw new UsageError(`Cannot revoke ${id}: ${file} has no such token; \`shoal token list\` lists them`);
  }
  context.output.tell('revoked', described(token), `Token ${id} is revoked`);
}

async function isThere(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}

function fileOf({ settings }: CommandContext): string {
  const file = settings['tracker.tokens'];
  if (file !== undefined) return file;
  throw new UsageError(
    'Which file has the tokens? Give it by --tokens, or as tracker.tokens in the configuration of the tracker',
  );
}

/** Makes the fields of a token that `--json` prints. */
function described(token: AccessToken) {
  const { id, scopes, name, created, expires, revoked } = token;
  return { id, state: stateOf(token), scopes, name, created, expires, revoked };
}

function stateOf(token: AccessToken): 'revoked' | 'expired' | 'good' {
  if (token.revoked !== undefined) return 'revoked';
  return isInForce(token, Date.now()) ? 'good' : 'expired';
}

function day(date: Date): string {
  return date.toISOString().slice(0, 10);
}
