import { setTimeout } from 'node:timers/promises';
import { createSecureContext, type SecureContext } from 'node:tls';
import { readInput } from '../files/index.ts';
import { type ReportError, toError } from '../util/index.ts';
import { TrackerError } from './tracker-error.ts';
import { WatchedFiles } from './watched-files.ts';

/** Bytes of a certificate, with those of its issuers, and of its key. */
const MAX_PEM_BYTES = 1024 * 1024;
/** Milliseconds for which a certificate and a key that do not belong together are given time: one may come later. */
const PATIENCE = 2000;
/** Milliseconds between looks at them. */
const RETRY_AFTER = 250;

export interface TlsOptions {
  /** File with the certificate, and those of its issuers, in PEM; read again when it changes. */
  readonly cert: string;
  /** File with its key, in PEM; likewise. */
  readonly key: string;
  /** Whether clients that speak no TLS are refused; unless given they are served by the same port. */
  readonly required?: boolean | undefined;
}

/** The certificate of a tracker, the newest that could be read. Connections that are there keep the one they have. */
export class Certificate {
  readonly isRequired: boolean;
  readonly #files: WatchedFiles<SecureContext>;

  private constructor(files: WatchedFiles<SecureContext>, isRequired: boolean) {
    this.#files = files;
    this.isRequired = isRequired;
  }

  /** @throws {TrackerError} BAD_CERTIFICATE */
  static async open(options: TlsOptions, report: ReportError): Promise<Certificate> {
    await readPair(options);
    const files = await WatchedFiles.open([options.cert, options.key], () => readNewPair(options), report);
    return new Certificate(files, options.required ?? false);
  }

  get context(): SecureContext {
    return this.#files.current;
  }

  /** Reads the files again: for those who do not trust that changes are noticed. */
  reload(): Promise<void> {
    return this.#files.reload();
  }

  close(): Promise<void> {
    return this.#files.close();
  }
}

/** Reads them as a tracker would. @throws {TrackerError} BAD_CERTIFICATE */
export async function checkCertificate(options: TlsOptions): Promise<void> {
  await readPair(options);
}

async function readPair({ cert, key }: TlsOptions): Promise<SecureContext> {
  try {
    const [certBytes, keyBytes] = [await readInput(cert, MAX_PEM_BYTES), await readInput(key, MAX_PEM_BYTES)];
    return createSecureContext({ cert: certBytes, key: keyBytes });
  } catch (thrown) {
    throw new TrackerError(
      'BAD_CERTIFICATE',
      `Cannot speak TLS by the certificate ${cert} and the key ${key}: ${toError(thrown).message}`,
      { cause: thrown },
    );
  }
}

async function readNewPair(options: TlsOptions): Promise<SecureContext> {
  for (let waited = 0; ; waited += RETRY_AFTER) {
    try {
      return await readPair(options);
    } catch (thrown) {
      if (waited >= PATIENCE) throw thrown;
    }
    await setTimeout(RETRY_AFTER);
  }
}
