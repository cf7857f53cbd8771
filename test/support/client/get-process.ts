import { readFile } from 'node:fs/promises';
import { get } from '../../../src/client/index.ts';

// Gets a torrent in a process of its own, which a test can kill: TORRENT TRACKER OUTPUT REUSE... Says how far it is, and what
// became of it, in lines of JSON.

const [torrentFile, tracker, output, ...reuse] = process.argv.slice(2) as [
  string,
  string,
  string,
  ...string[],
];
const say = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);

try {
  const torrent = await readFile(torrentFile);
  const onWarning = (error: Error, context: string) => say({ warning: error.message, context });
  say({
    result: await get({ torrent, tracker, output, reuse, host: '127.0.0.1', onProgress: say, onWarning }),
  });
} catch (thrown) {
  const { message, code } = thrown as Error & { readonly code?: string };
  say({ error: { message, code } });
  process.exitCode = 1;
}
