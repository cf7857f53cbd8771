import { type Server, Socket, type SocketConstructorOpts } from 'node:net';
import type { PendingWrite } from '../tracker-stage.ts';

/**
 * The part under a socket of Node's: a connection as Node's C++ gives it to Node's JavaScript. This is no public API. All
 * that this project knows about it stands in this file; where Node differs from it, sockets are used.
 *
 * @see docs/adr/0016-handles-under-sockets.md
 */
export interface TcpHandle {
  /** Is called when bytes were read, and when the client has closed: {@link bytesRead} tells which. */
  onread: (this: TcpHandle) => void;
  /** Makes the handle read into this memory, which has to be kept. */
  useUserBuffer(memory: Uint8Array): void;
  /** Starts reading. @returns 0, or another number when it has failed, as the other methods do */
  readStart(): number;
  readStop(): number;
  writeBuffer(request: WriteRequest, bytes: Uint8Array): number;
  setNoDelay(isOn: boolean): number;
  getpeername(into: { address?: string }): number;
  close(): void;
}

/** A write that the kernel may not take at once. */
interface WriteRequest {
  /** The bytes, which are kept here from the garbage collector until the write is over. */
  buffer?: Uint8Array;
  /** Is called when a write is over that the kernel did not take at once. */
  oncomplete(): void;
}

interface ListeningHandle {
  onconnection: (this: ListeningHandle, status: number, handle: TcpHandle | undefined) => void;
}

interface StreamBinding {
  readonly WriteWrap: new () => WriteRequest;
  /** The results of the last call. */
  readonly streamBaseState: Int32Array;
  /** The index of the number of bytes read; a number below 0 means that nothing more comes. */
  readonly kReadBytesOrError: number;
  /** The index of the flag that says that the kernel has not taken the whole write at once. */
  readonly kLastWriteWasAsync: number;
}

/** The major versions of Node whose handles are known here. The tests run on the first and the last. */
const KNOWN_NODES = { first: 20, last: 24 };

/** The part of Node's internals that is used; `undefined` until the first handles are taken. */
let binding: StreamBinding | undefined;
/** The most bytes that are read at a time: as many as Node reads. */
export const READ_BYTES = 64 * 1024;
/** The memory into which all handles read. It is copied before another handle reads. */
const readMemory = new ArrayBuffer(READ_BYTES);
const readBuffer = Buffer.from(readMemory);
/** The request of the next write. A write that is over at once leaves nothing in it, so that it can be used again. */
let nextWrite: WriteRequest | undefined;

/**
 * Takes the connections of a server as handles: no sockets are made of them, and the server does not count them.
 *
 * @returns whether that is possible; if not, the server goes on as it is
 */
export function acceptHandles(server: Server, take: (handle: TcpHandle) => void): boolean {
  const { _handle: listening } = server as Server & { _handle?: Partial<ListeningHandle> | null };
  const accept = listening?.onconnection;
  binding ??= streamBinding();
  if (binding === undefined || typeof accept !== 'function') return false;
  nextWrite ??= newWrite(binding);
  listening!.onconnection = function onConnection(status, handle) {
    if (status === 0 && handle !== undefined) take(handle);
    // The server itself handles a connection that failed.
    else accept.call(this, status, handle);
  };
  return true;
}

/** Finds the address at the other end. @returns it in the form of `Socket.remoteAddress` */
export function remoteAddressOf(handle: TcpHandle): string | undefined {
  const name: { address?: string } = {};
  return handle.getpeername(name) === 0 ? name.address : undefined;
}

/**
 * Starts reading into memory that all handles share.
 *
 * @param onRead is called after each read; {@link bytesRead} gives the bytes
 * @returns whether it has started
 */
export function startReading(handle: TcpHandle, onRead: (this: TcpHandle) => void): boolean {
  handle.onread = onRead;
  handle.useUserBuffer(readBuffer);
  return handle.readStart() === 0;
}

/** Gives the bytes that were read. The next read of any handle overwrites them. @returns `undefined` when nothing more comes */
export function bytesRead(): Uint8Array | undefined {
  const { streamBaseState, kReadBytesOrError } = binding!;
  const count = streamBaseState[kReadBytesOrError]!;
  // A view of the memory itself takes a quarter of the time of a view of a view.
  return count < 0 ? undefined : new Uint8Array(readMemory, 0, count);
}

/**
 * Writes bytes.
 *
 * @returns `taken` when the kernel has taken all, and the bytes may be overwritten; `failed` when this write failed, as
 *   later ones would; otherwise the write that waits for the kernel
 */
export function write(handle: TcpHandle, bytes: Uint8Array): 'taken' | 'failed' | PendingWrite {
  const { streamBaseState, kLastWriteWasAsync } = binding!;
  const request = nextWrite!;
  if (handle.writeBuffer(request, bytes) !== 0) return 'failed';
  if (streamBaseState[kLastWriteWasAsync] === 0) return 'taken';
  nextWrite = newWrite(binding!);
  const waiting: PendingWrite = { bytes: bytes.length, onOver: () => {} };
  request.buffer = bytes;
  // A failure shows with the next read.
  request.oncomplete = () => waiting.onOver();
  return waiting;
}

/** Makes a socket of a handle, which belongs to it from then on. A write that waits for the kernel goes first. */
export function socketOf(handle: TcpHandle): Socket {
  handle.readStop();
  // A handle that has been given memory cannot do without any, so that what it reads there is copied for the socket.
  const socket: Socket = new Socket({
    handle,
    onread: {
      buffer: readBuffer,
      callback: (count: number, memory: Uint8Array) => socket.push(Buffer.from(memory.subarray(0, count))),
    },
  } as SocketConstructorOpts);
  socket.setNoDelay(true);
  return socket;
}

function newWrite({ WriteWrap }: StreamBinding): WriteRequest {
  const request = new WriteWrap();
  request.oncomplete = () => {};
  return request;
}

function streamBinding(): StreamBinding | undefined {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < KNOWN_NODES.first || major > KNOWN_NODES.last) return undefined;
  try {
    const { binding: bindingOf } = process as { binding?: (this: void, name: string) => unknown };
    const found = bindingOf?.('stream_wrap') as Partial<StreamBinding> | undefined;
    const isKnown =
      typeof found?.WriteWrap === 'function' &&
      found.streamBaseState instanceof Int32Array &&
      typeof found.kReadBytesOrError === 'number' &&
      typeof found.kLastWriteWasAsync === 'number';
    return isKnown ? (found as StreamBinding) : undefined;
  } catch {
    // Node's permission model forbids the binding.
    return undefined;
  }
}
