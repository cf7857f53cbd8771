import { Worker } from 'node:worker_threads';
import { type InfoHash, toError } from '../../util/index.ts';
import { RegistryError } from '../errors/index.ts';
import type { ProvenContent } from './catalog/index.ts';
import { checkMetainfo, ofAnother } from './checked-torrent.ts';
import type { MetainfoResult, MetainfoTask } from './metainfo-worker.ts';
import { provenContent } from './prove-content.ts';
import { vouchedMetainfo } from './vouched-metainfo.ts';

/**
 * The most bytes of a metainfo that is checked on the main thread, in some milliseconds at most; a larger one is checked on
 * another thread.
 */
const MAX_CHECKED_AT_ONCE = 64 * 1024;
/** The most memory that the thread may take, in MB: a metainfo of 16 MiB can describe 600,000 files. */
const MAX_THREAD_MEMORY_MB = 512;
const TOO_COMPLEX = `takes more than ${MAX_THREAD_MEMORY_MB} MB of memory to be checked`;

/** A metainfo that was checked. */
export interface CheckedMetainfo {
  /** The metainfo as the catalog stores it, see {@link vouchedMetainfo}. */
  readonly vouched: Uint8Array;
  readonly content: ProvenContent;
}

interface Waiting {
  resolve(answer: MetainfoResult): void;
  readonly reject: (error: Error) => void;
}

/**
 * Checks metainfo that seeders bring. Large metainfo is checked on a thread, which is started for the first one, because one
 * with very many files takes seconds.
 */
export class MetainfoChecker {
  readonly #waiting = new Map<number, Waiting>();
  #thread: Worker | undefined;
  #nextId = 0;

  /**
   * Checks that bytes are the metainfo of a torrent.
   *
   * @param bytes belong to the checker from now on
   * @param field the path of the metainfo in the request
   * @throws {RegistryError} BAD_FIELD
   */
  async check(bytes: Uint8Array, infoHash: InfoHash, field: string): Promise<CheckedMetainfo> {
    if (bytes.length <= MAX_CHECKED_AT_ONCE) {
      const metainfo = checkMetainfo(bytes, infoHash, field);
      return { vouched: vouchedMetainfo(metainfo), content: provenContent(metainfo) };
    }
    const answer = await this.#ask(bytes).catch((thrown: unknown) => {
      throw isOutOfMemory(thrown) ? new RegistryError('BAD_FIELD', TOO_COMPLEX, { field }) : thrown;
    });
    if ('fault' in answer) throw new RegistryError('BAD_FIELD', answer.fault, { field });
    if (answer.infoHash !== infoHash) throw ofAnother(answer.infoHash, infoHash, field);
    return { vouched: answer.vouched, content: answer.content };
  }

  /** Ends the thread; checks that wait are rejected. */
  async close(): Promise<void> {
    await this.#thread?.terminate();
  }

  #ask(bytes: Uint8Array): Promise<MetainfoResult> {
    this.#thread ??= this.#start();
    const thread = this.#thread;
    return new Promise((resolve, reject) => {
      const task: MetainfoTask = { id: this.#nextId, bytes };
      this.#nextId += 1;
      this.#waiting.set(task.id, { resolve, reject });
      thread.ref();
      thread.postMessage(task, ownMemory(bytes));
    });
  }

  #start(): Worker {
    const thread = new Worker(new URL('./metainfo-worker.js', import.meta.url), {
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: MAX_THREAD_MEMORY_MB },
    });
    thread.on('message', (answer: MetainfoResult) => {
      this.#waiting.get(answer.id)?.resolve(answer);
      this.#waiting.delete(answer.id);
      if (this.#waiting.size === 0) thread.unref();
    });
    thread.on('error', (error) => this.#fail(thread, error));
    thread.on('exit', () => this.#fail(thread, new Error('The thread that checks metainfos has ended')));
    return thread;
  }

  /** Rejects the checks of a thread that has ended; another thread is started for the next metainfo. */
  #fail(thread: Worker, cause: unknown): void {
    if (this.#thread !== thread) return;
    this.#thread = undefined;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of waiting) reject(toError(cause));
  }
}

function isOutOfMemory(thrown: unknown): boolean {
  return thrown instanceof Error && 'code' in thrown && thrown.code === 'ERR_WORKER_OUT_OF_MEMORY';
}

/** Gives the memory of the bytes if it can be moved to the thread without a copy, because nothing else is in it. */
function ownMemory({ buffer, byteOffset, length }: Uint8Array): ArrayBuffer[] {
  const isOwn = byteOffset === 0 && buffer.byteLength <= 2 * length && length > MAX_CHECKED_AT_ONCE;
  return isOwn && buffer instanceof ArrayBuffer ? [buffer] : [];
}
