import { type Server, Socket, type SocketConstructorOpts } from 'node:net';
import type { PendingWrite } from '../tracker-stage.ts';

/**
 * What is under a socket of Node's: a connection as its C++ gives it to its JavaScript. This is no public API; all that
 * this project knows about it stands in this file, and where it is not as it is known here, sockets are used.
 *
 * @see docs/adr/0016-handles-under-sockets.md
 */
export interface TcpHandle {
  /** Called when something was read, and at the end: {@link bytesRead} says what. */
  onread: (this: TcpHandle) => void;
  /** Has what is read written into this memory, which is to be kept. */
  useUserBuffer(memory: Uint8Array): void;
  /** @returns a number other than 0 when it has failed, as all of these do */
  readStart(): number;
  readStop(): number;
  writeBuffer(request: WriteRequest, bytes: Uint8Array): number;
  setNoDelay(isOn: boolean): number;
  getpeername(into: { address?: string }): number;
  close(): void;
}

/** A write that the kernel may not take at once. */
interface WriteRequest {
  /** Kept from the garbage collector until the write is over. */
  buffer?: Uint8Array;
  /** Called when one that the kernel did not take at once is over. */
  oncomplete(): void;
}

interface ListeningHandle {
  onconnection: (this: ListeningHandle, status: number, handle: TcpHandle | undefined) => void;
}

interface StreamBinding {
  readonly WriteWrap: new () => WriteRequest;
  /** How the last call went. */
  readonly streamBaseState: Int32Array;
  /** Where in that it says how many bytes were read; less than 0: there is nothing more. */
  readonly kReadBytesOrError: number;
  /** Where in that it says whether the kernel has not taken all at once. */
  readonly kLastWriteWasAsync: number;
}

/** Major versions of Node whose handles are as they are known here: the tests run on the first and the last. */
const KNOWN_NODES = { first: 20, last: 24 };

/** What takes part of Node; `undefined` until the first handles are taken. */
let binding: StreamBinding | undefined;
/** Read at a time, at most: as many as Node does. */
export const READ_BYTES = 64 * 1024;
/** Where all handles put what they read: it is read before another does. */
const readMemory = new ArrayBuffer(READ_BYTES);
const readBuffer = Buffer.from(readMemory);
/** Of all writes: one that is over at once leaves nothing in it. */
let nextWrite: WriteRequest | undefined;

/**
 * Takes a server's connections from under it: no socket is made of them, and the server does not count them.
 *
 * @returns whether that can be done here; else the server goes on as it is
 */
export function acceptHandles(server: Server, take: (handle: TcpHandle) => void): boolean {
  const { _handle: listening } = server as Server & { _handle?: Partial<ListeningHandle> | null };
  const accept = listening?.onconnection;
  binding ??= streamBinding();
  if (binding === undefined || typeof accept !== 'function') return false;
  nextWrite ??= newWrite(binding);
  listening!.onconnection = function onConnection(status, handle) {
    if (status === 0 && handle !== undefined) take(handle);
    // The server knows what to do with what has failed.
    else accept.call(this, status, handle);
  };
  return true;
}

/** @returns as `Socket.remoteAddress` has it */
export function remoteAddressOf(handle: TcpHandle): string | undefined {
  const name: { address?: string } = {};
  return handle.getpeername(name) === 0 ? name.address : undefined;
}

/**
 * Starts reading: what comes is written into memory that all handles share.
 *
 * @param onRead is called each time, with {@link bytesRead} as what has come
 * @returns whether it has started
 */
export function startReading(handle: TcpHandle, onRead: (this: TcpHandle) => void): boolean {
  handle.onread = onRead;
  handle.useUserBuffer(readBuffer);
  return handle.readStart() === 0;
}

/** @returns what was read, which is written over with the next read of any handle; `undefined`: nothing more comes */
export function bytesRead(): Uint8Array | undefined {
  const { streamBaseState, kReadBytesOrError } = binding!;
  const count = streamBaseState[kReadBytesOrError]!;
  // Of the memory itself: that takes a quarter of a view's view.
  return count < 0 ? undefined : new Uint8Array(readMemory, 0, count);
}

/** @returns whether the kernel has taken all: then the bytes may be written over; `failed`: and more would fail, too */
export function write(handle: TcpHandle, bytes: Uint8Array): 'taken' | 'failed' | PendingWrite {
  const { streamBaseState, kLastWriteWasAsync } = binding!;
  const request = nextWrite!;
  if (handle.writeBuffer(request, bytes) !== 0) return 'failed';
  if (streamBaseState[kLastWriteWasAsync] === 0) return 'taken';
  nextWrite = newWrite(binding!);
  const waiting: PendingWrite = { bytes: bytes.length, onOver: () => {} };
  request.buffer = bytes;
  // Whether it went well shows with the next read.
  request.oncomplete = () => waiting.onOver();
  return waiting;
}

/** Makes a socket of a handle, which then belongs to that; what waits to be written is written first. */
export function socketOf(handle: TcpHandle): Socket {
  handle.readStop();
  // A handle that has once used memory of ours will use some of ours: what is in it is copied for the socket.
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
    // Node's permission model forbids it.
    return undefined;
  }
}
