import { type Server, Socket, type SocketConstructorOpts } from 'node:net';

/**
 * What is under a socket of Node's: a connection as its C++ gives it to its JavaScript. This is no public API; all that
 * this project knows about it stands in this file, and where it is not as it is known here, sockets are used.
 *
 * @see docs/adr/0016-handles-under-sockets.md
 */
export interface TcpHandle {
  /** Called with what was read: a new buffer each time; `undefined` at the end, and when the connection has failed. */
  onread: (this: TcpHandle, bytes: ArrayBuffer | undefined) => void;
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
  /** Where in that it says whether the kernel has not taken all at once. */
  readonly kLastWriteWasAsync: number;
}

/** Major versions of Node whose handles are as they are known here: the tests run on the first and the last. */
const KNOWN_NODES = { first: 20, last: 24 };

/** Of those, what takes part; `undefined` where handles are not to be used. */
const binding = streamBinding();
/** Of all writes: one that is over at once leaves nothing in it. */
let nextWrite = binding && newWrite(binding);

/**
 * Takes a server's connections from under it: no socket is made of them, and the server does not count them.
 *
 * @returns whether that can be done here; else the server goes on as it is
 */
export function takeHandles(server: Server, take: (handle: TcpHandle) => void): boolean {
  const { _handle: listening } = server as Server & { _handle?: Partial<ListeningHandle> | null };
  const accept = listening?.onconnection;
  if (binding === undefined || typeof accept !== 'function') return false;
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

/** @returns whether the kernel has taken all: then the bytes may be written over; `failed`: and more would fail, too */
export function write(handle: TcpHandle, bytes: Uint8Array): 'taken' | 'waiting' | 'failed' {
  const { streamBaseState, kLastWriteWasAsync } = binding!;
  const request = nextWrite!;
  if (handle.writeBuffer(request, bytes) !== 0) return 'failed';
  if (streamBaseState[kLastWriteWasAsync] === 0) return 'taken';
  request.buffer = bytes;
  nextWrite = newWrite(binding!);
  return 'waiting';
}

/** Makes a socket of a handle, which then belongs to that; what waits to be written is written first. */
export function socketOf(handle: TcpHandle): Socket {
  handle.readStop();
  return new Socket({ handle } as SocketConstructorOpts);
}

function newWrite({ WriteWrap }: StreamBinding): WriteRequest {
  const request = new WriteWrap();
  // Whether it went well shows with the next read.
  request.oncomplete = () => {};
  return request;
}

function streamBinding(): StreamBinding | undefined {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < KNOWN_NODES.first || major > KNOWN_NODES.last) return undefined;
  try {
    const { binding: bindingOf } = process as typeof process & { binding?(name: string): unknown };
    const found = bindingOf?.('stream_wrap') as Partial<StreamBinding> | undefined;
    const isKnown =
      typeof found?.WriteWrap === 'function' &&
      found.streamBaseState instanceof Int32Array &&
      typeof found.kLastWriteWasAsync === 'number';
    return isKnown ? (found as StreamBinding) : undefined;
  } catch {
    // Node's permission model forbids it.
    return undefined;
  }
}
