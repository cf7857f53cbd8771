import { parentPort } from 'node:worker_threads';
import { MetainfoError, parseMetainfo } from '../../metainfo/index.ts';
import type { ProvenContent } from './catalog/index.ts';
import { provenContent } from './prove-content.ts';
import { vouchedMetainfo } from './vouched-metainfo.ts';

/** A message to the thread: bytes to check. */
export interface MetainfoTask {
  readonly id: number;
  readonly bytes: Uint8Array;
}

/** The result from the thread: what is stored of the metainfo and what it proves, or why it is no metainfo. */
export type MetainfoResult =
  | {
      readonly id: number;
      readonly infoHash: string;
      readonly vouched: Uint8Array<ArrayBuffer>;
      readonly content: ProvenContent;
    }
  | { readonly id: number; readonly fault: string };

/** The port of the thread that checks large metainfo, one after the other, and answers each task by its id. */
const port = parentPort;
port?.on('message', ({ id, bytes }: MetainfoTask) => {
  try {
    const metainfo = parseMetainfo(bytes);
    const vouched = Uint8Array.from(vouchedMetainfo(metainfo));
    const content = provenContent(metainfo);
    const answer: MetainfoResult = { id, infoHash: metainfo.infoHash, vouched, content };
    port.postMessage(answer, [vouched.buffer]);
  } catch (thrown) {
    if (!(thrown instanceof MetainfoError)) throw thrown;
    const answer: MetainfoResult = { id, fault: thrown.message };
    port.postMessage(answer);
  }
});
