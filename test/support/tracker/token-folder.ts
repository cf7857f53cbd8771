import { createToken } from '../../../src/tracker/index.ts';
import { type TempFolder, tempFolder } from '../index.ts';

/** A folder with a file of access tokens for a private tracker, and one token in it that may announce. */
export class TokenFolder implements AsyncDisposable {
  /** The path of the file of tokens. */
  readonly tokens: string;
  /** The token that may announce. */
  readonly passkey: string;
  readonly #folder: TempFolder;

  private constructor(folder: TempFolder, tokens: string, passkey: string) {
    this.#folder = folder;
    this.tokens = tokens;
    this.passkey = passkey;
  }

  static async create(): Promise<TokenFolder> {
    const folder = await tempFolder();
    const tokens = folder.join('tokens');
    const { text } = await createToken(tokens, { scopes: ['announce'] });
    return new TokenFolder(folder, tokens, text);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#folder[Symbol.asyncDispose]();
  }
}
