import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Makes a certificate for an address that is its own issuer, and its key: two files in PEM. Needs openssl. */
export async function makeCertificate(
  name: string,
  cert: string,
  key: string,
  address = '127.0.0.1',
): Promise<void> {
  const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1'];
  const subject = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=IP:${address}`];
  await run('openssl', ['req', ...kind, ...subject, '-out', cert, '-keyout', key]);
}
