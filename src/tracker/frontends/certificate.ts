import { constants } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { createSecureContext, type SecureContext } from 'node:tls';
import { readInput, WatchedFiles } from '../../files/index.ts';
import { type ReportError, systemReason, toError } from '../../util/index.ts';
import { TrackerStartError } from '../errors/index.ts';

/** Bytes of the file of a certificate with its issuers, and of the file of its key. */
const MAX_PEM_BYTES = 1024 * 1024;
/** Milliseconds to wait for the second file when certificate and key do not belong together: it may be replaced later. */
const PATIENCE = 2000;
/** Milliseconds between attempts to read the two files. */
const RETRY_AFTER = 250;

export interface TlsOptions {
  /** The path of the file with the certificate and those of its issuers, in PEM. It is read again when it changes. */
  readonly cert: string;
  /** The path of the file with its key, in PEM. It is read again when it changes. */
  readonly key: string;
  /** Whether clients that speak no TLS are refused; by default the same port serves them. */
  readonly required?: boolean | undefined;
}

/** The newest certificate of a tracker that could be read. Open connections keep the one they began with. */
export class Certificate {
  readonly isRequired: boolean;
  readonly #files: WatchedFiles<SecureContext>;

  private constructor(files: WatchedFiles<SecureContext>, isRequired: boolean) {
    this.#files = files;
    this.isRequired = isRequired;
  }

  /** @throws {TrackerStartError} BAD_CERTIFICATE */
  static async open(options: TlsOptions, report: ReportError): Promise<Certificate> {
    await readPair(options);
    const files = await WatchedFiles.open([options.cert, options.key], () => readNewPair(options), report);
    return new Certificate(files, options.required ?? false);
  }

  get context(): SecureContext {
    return this.#files.current;
  }

  /** Reads the files again, for an operator who does not rely on changes being noticed. */
  reload(): Promise<void> {
    return this.#files.reload();
  }

  close(): Promise<void> {
    return this.#files.close();
  }
}

/** Checks that a tracker could use the two files. @throws {TrackerStartError} BAD_CERTIFICATE */
export async function checkCertificate(options: TlsOptions): Promise<void> {
  await readPair(options);
}

/** Reads the two files. @throws {TrackerStartError} naming each file with a fault, what was found, and what to do */
async function readPair(options: TlsOptions): Promise<SecureContext> {
  const [certificate, key] = [await readPem('certificate', options.cert), await readPem('key', options.key)];
  return contextOf(certificate, key, options);
}

/** Makes the context that connections need from the two files. @throws {TrackerStartError} as {@link readPair} */
export function contextOf(
  certificate: PemFile,
  privateKey: PemFile,
  { cert, key }: Pick<TlsOptions, 'cert' | 'key'>,
): SecureContext {
  const faults = [certificate, privateKey].flatMap(({ fault }) => fault ?? []);
  if (faults.length > 0) {
    throw new TrackerStartError('BAD_CERTIFICATE', `Cannot speak TLS: ${faults.join('; ')}`, {
      cause: certificate.cause ?? privateKey.cause,
    });
  }
  try {
    return createSecureContext({
      cert: certificate.bytes,
      key: privateKey.bytes,
      // A TLS 1.2 client could ask for handshake after handshake on a connection for which only the first was counted.
      secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
    });
  } catch (thrown) {
    const message = `Cannot speak TLS with the certificate ${cert} and the key ${key}: ${pairFault(toError(thrown))}`;
    throw new TrackerStartError('BAD_CERTIFICATE', message, { cause: thrown });
  }
}

/** The blocks that a PEM file has to contain, and the names of its content in messages. */
const PEM_RULES = {
  certificate: {
    line: /-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----/,
    wants: 'certificate',
    begin: 'CERTIFICATE',
  },
  key: { line: /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----/, wants: 'private key', begin: 'PRIVATE KEY' },
} as const;

/** A PEM file, as far as it could be read. */
interface PemFile {
  readonly bytes?: Buffer;
  /** Says what is wrong with the file, and names it; `undefined`: nothing is. */
  readonly fault?: string;
  readonly cause?: unknown;
}

async function readPem(kind: keyof typeof PEM_RULES, path: string): Promise<PemFile> {
  try {
    return checkPem(kind, path, await readInput(path, MAX_PEM_BYTES));
  } catch (thrown) {
    return { fault: `the ${kind} ${path} cannot be read, ${systemReason(toError(thrown))}`, cause: thrown };
  }
}

/** Checks that a PEM file contains the right blocks. @param path the name of the file, for messages */
export function checkPem(kind: keyof typeof PEM_RULES, path: string, bytes: Buffer): PemFile {
  const { line, wants, begin } = PEM_RULES[kind];
  const text = bytes.toString('latin1');
  if (!line.test(text)) {
    return { fault: `the ${kind} ${path} is no ${wants} in PEM, it has no line "-----BEGIN ${begin}-----"` };
  }
  if (kind === 'key' && text.includes('ENCRYPTED')) {
    return { fault: `the key ${path} is encrypted; \`openssl pkey -in ${path}\` takes its password away` };
  }
  return { bytes };
}

/** Says in plain words why OpenSSL refuses a certificate and a key that can both be read. */
function pairFault({ message }: Error): string {
  if (/values mismatch|key type mismatch/i.test(message)) {
    return 'they do not belong together; the key must be the one that the certificate was made for';
  }
  if (/too small|too weak|md too weak/i.test(message))
    return 'the key or its signature is too weak; make a new pair';
  return `one of them is damaged (OpenSSL says "${message}"); copy or make them again`;
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
