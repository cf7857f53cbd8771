import type { ChokerPeer } from '../choker/index.ts';
import type { ExtendedHandshake } from '../extension/index.ts';
import type { Connection, ConnectionHandler } from '../net/index.ts';
import type { PickerPeer } from '../picker/index.ts';
import {
  type Address,
  type Bitfield,
  type Clock,
  formatAddress,
  type ReportError,
  ShoalError,
  toError,
} from '../util/index.ts';
import { type BlockRequest, PeerSession, type PieceGeometry } from '../wire/index.ts';
import type { ConnectedPeer, Greeting, PeerKeeper } from './connected-peer.ts';
import type { RetainedBytes } from './message-sender.ts';
import { type OriginKey, originOf } from './origin.ts';
import { endOfConnection, type PeerEnd } from './peer-end.ts';
import type { PeerTakers } from './peer-events.ts';
import { PeerEvents } from './peer-events.ts';
import { PeerOutput } from './peer-output.ts';
import { PeerUse } from './peer-use.ts';
import { RateMeter } from './rate-meter.ts';
import { ReadGate, stalled } from './read-gate.ts';
import { RequestPipeline } from './request-pipeline.ts';
import type { SendMemory } from './send-memory.ts';
import type { WaitingPeer } from './waiting-bytes.ts';
import type { WorkBudget } from './work-budget.ts';

/** The options of a {@link PeerConnection}. */
export interface PeerConnectionOptions extends Greeting {
  readonly geometry: PieceGeometry;
  readonly clock: Clock;
  readonly keeper: PeerKeeper<PeerConnection>;
  readonly takers: PeerTakers;
  readonly report: ReportError;
  /** Hears of events that matter only to somebody who looks for a fault. */
  onDebug(message: string): void;
  /** Counts the bytes being sent to all peers of the session. */
  readonly sending: SendMemory;
  /** The budget of work of all peers of the same address. */
  readonly workBudget: WorkBudget;
}

/** A connected peer of one torrent: its socket, the state of its protocol, and what is measured of it. */
export class PeerConnection implements ConnectionHandler, ConnectedPeer, PickerPeer, ChokerPeer, WaitingPeer {
  readonly session: PeerSession;
  readonly requests: RequestPipeline;
  readonly output: PeerOutput;
  readonly gate: ReadGate;
  readonly peerId: Uint8Array;
  readonly remote: Address;
  readonly isIncoming: boolean;
  readonly dialed: Address | undefined;
  readonly origin: OriginKey;
  /** Whether both ends speak the extension protocol. @see BEP 10 */
  readonly canExtend: boolean;
  /** Whether the peer speaks v2, so that hashes may be requested from it. @see BEP 52 */
  readonly speaksV2: boolean;
  /**
   * Whether the peer takes requests for only the first bytes of a block. All known programs that speak v2 do. Of the others,
   * most do, but rqbit 8 disconnects a peer that requests anything but whole blocks.
   */
  readonly takesPartBlocks: boolean;
  readonly download = new RateMeter();
  readonly upload = new RateMeter();
  readonly cameAt: number;
  #clientName: string | undefined;
  #listensAt: Address | undefined;
  #isUploadOnly = false;
  #isReading = false;
  readonly #connection: Connection;
  readonly #use: PeerUse;
  readonly #clock: Clock;
  readonly #keeper: PeerKeeper<PeerConnection>;
  readonly #takers: PeerTakers;
  readonly #report: ReportError;
  #isClosing = false;
  #isClosed = false;
  /** The way in which we ended the connection; `undefined` when we did not. */
  #end: PeerEnd | undefined;
  /** The reason why we closed the connection, if the peer is to blame. */
  #failure: Error | undefined;

  constructor(options: PeerConnectionOptions) {
    const { connection, theirs, ours, clock, geometry, takers, workBudget } = options;
    const now = clock.now();
    this.#connection = connection;
    this.#clock = clock;
    this.#keeper = options.keeper;
    this.#takers = takers;
    this.#report = options.report;
    this.peerId = theirs.peerId;
    this.remote = connection.remote;
    this.isIncoming = connection.isIncoming;
    this.dialed = options.dialed;
    this.origin = originOf(this.remote.host).budgetKey;
    this.#listensAt = options.dialed;
    this.canExtend = theirs.supports.extended && ours.supports.extended;
    this.speaksV2 = options.speaksV2;
    this.takesPartBlocks = options.speaksV2;
    this.cameAt = now;
    this.#use = new PeerUse(now);
    this.download.sample(now);
    this.output = new PeerOutput(connection, options.sending);
    const fast = theirs.supports.fast && ours.supports.fast;
    const maxExtendedBytes = (extendedId: number) => takers.extensions.maxBytes(extendedId);
    this.session = new PeerSession(
      { geometry, fast, extended: this.canExtend, maxExtendedBytes, now },
      new PeerEvents(this, takers, (message) => options.onDebug(message)),
    );
    this.requests = new RequestPipeline(this.session, this.download, now);
    const { sender } = this.output;
    this.gate = new ReadGate({ connection, sender, session: this.session, workBudget, now });
  }

  /** The address of the peer and, once it is known, the name of its program. For people to read. */
  get name(): string {
    const address = formatAddress(this.remote);
    return this.#clientName === undefined ? address : `${address} (${this.#clientName})`;
  }

  get listensAt(): Address | undefined {
    return this.#listensAt;
  }

  /** Whether the peer says that it wants no pieces. @see BEP 21 */
  get isUploadOnly(): boolean {
    return this.#isUploadOnly;
  }

  get gaveAt(): number {
    return this.#use.gaveAt;
  }

  /** Whether a block is being read from disk for the peer. Until it is sent, no further block is. */
  get isReading(): boolean {
    return this.#isReading;
  }

  get host(): string {
    return this.remote.host;
  }

  get movedBytes(): number {
    return this.session.downloadedBytes + this.session.uploadedBytes;
  }

  get waitingBytes(): number {
    return this.gate.waitingBytes;
  }

  isBehind(now: number): boolean {
    return this.gate.isBehind(now);
  }

  get pieces(): Bitfield {
    return this.session.peerPieces;
  }

  get isSeed(): boolean {
    return this.pieces.isFull && this.pieces.length > 0;
  }

  get peerInterested(): boolean {
    return this.session.peerInterested;
  }

  get amChoking(): boolean {
    return this.session.amChoking;
  }

  get downloadRate(): number {
    return this.download.bytesPerSecond;
  }

  get uploadRate(): number {
    return this.upload.bytesPerSecond;
  }

  get uploadedBytes(): number {
    return this.session.uploadedBytes;
  }

  /** Whether the peer waits for blocks that it has requested. */
  get isAsking(): boolean {
    return this.session.queuedRequestCount > 0 || this.#isReading;
  }

  choke(): void {
    this.session.choke();
  }

  unchoke(): void {
    this.#use.unchoked(this.#clock.now());
    this.session.unchoke();
  }

  /** Adds a request for a block, which leaves at `requests.flush()`. */
  request(index: number, begin: number, length: number): void {
    this.requests.add({ index, begin, length });
  }

  /** Cancels a request for a block, and tells the download. */
  cancel(index: number, begin: number, length: number): void {
    this.session.cancel({ index, begin, length });
    this.#takers.blocks?.onCancelled(this, index, begin);
  }

  /** Returns the milliseconds for which the peer has been of no use, see `PeerUse.idleMs()`; 0 while it may be of use. */
  idleMs(now: number): number {
    return this.#use.idleMs(now, this.#isWanted, this.movedBytes);
  }

  get isOpen(): boolean {
    return !this.#isClosing;
  }

  /** Whether further blocks may be handed to the connection. */
  get canSend(): boolean {
    return !this.#isClosing && this.output.hasRoom;
  }

  /** Notes what the peer says of itself in its extended handshake. @see BEP 10 */
  introduce({ version, reqq, uploadOnly, port }: Partial<ExtendedHandshake>): void {
    this.#clientName = version ?? this.#clientName;
    if (reqq !== undefined) this.requests.setReqq(reqq);
    this.#isUploadOnly = uploadOnly ?? this.#isUploadOnly;
    if (port === undefined || this.#listensAt !== undefined) return;
    this.#listensAt = { host: this.remote.host, port };
    this.#keeper.onListens(this);
  }

  /** Notes whether a block is being read from disk for the peer. */
  setReading(isReading: boolean): void {
    this.#isReading = isReading;
  }

  /**
   * Sends a block that the peer requested, within `output.together()`.
   *
   * @param source the memory that `message` is a part of, which is retained until the message has left; `undefined` when
   *   the message has memory of its own
   */
  sendBlock(request: BlockRequest, message: Uint8Array, source?: RetainedBytes): void {
    this.output.from(source);
    this.session.sendBlock(request, message);
    this.output.from(undefined);
  }

  /**
   * Counts a second: measures rates, sends a keep-alive when one is due, and closes a connection that is silent or a burden.
   *
   * @returns whether the peer owes blocks and has sent no part of one for too long
   */
  tick(now: number): boolean {
    const hasGiven = this.session.downloadedBytes > this.download.total;
    if (hasGiven) this.#use.gave(now);
    if (this.#isWanted) this.#use.wanted(now);
    this.download.total = this.session.downloadedBytes;
    this.upload.total = this.session.uploadedBytes;
    this.download.sample(now);
    this.upload.sample(now);
    this.#guard(() => this.session.handleTimeout(now));
    const fault = this.gate.tick(now, this.movedBytes);
    if (!this.#isClosing) {
      this.gate.resume(now);
      if (fault !== undefined) this.close(fault.end, fault.error);
    }
    return this.requests.tick(now, hasGiven);
  }

  close(end: PeerEnd, error?: Error): void {
    this.#end ??= end;
    this.#failure ??= error;
    this.#isClosing = true;
    this.session.stop();
    this.#connection.destroy();
  }

  giveWay(): void {
    this.close('dismissed');
  }

  /** Closes the connection because too many bytes wait for this peer and for others. */
  cut(): void {
    const { waitingBytes } = this;
    this.close('tookNothing', stalled(`${waitingBytes} bytes of memory wait for it, and others need memory`));
  }

  onData(bytes: Uint8Array): void {
    if (this.#isClosed) return;
    const now = this.#clock.now();
    this.requests.receivedAt = now;
    this.output.together(() => {
      this.#guard(() => {
        this.session.receive(bytes, now);
        this.#keeper.onReceived(this);
        this.#takers.requests.serve(this);
        this.#takers.blocks?.onReceived(this);
      });
    });
    this.gate.onRead(now);
  }

  onDrain(): void {
    if (!this.#isClosing) this.gate.resume(this.#clock.now());
    this.#takers.requests.serve(this);
    this.#takers.hashes.serve(this);
  }

  onClose(error: Error | undefined): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#isClosing = true;
    this.session.stop();
    this.#keeper.onClosed(this, this.#end ?? endOfConnection(error), this.#failure ?? error);
  }

  /** Whether one end is interested in pieces of the other. */
  get #isWanted(): boolean {
    return this.session.amInterested || this.peerInterested;
  }

  /** Runs `work`. An error that it throws closes this connection only; it is reported unless the peer is to blame for it. */
  #guard(work: () => void): void {
    try {
      work();
    } catch (thrown) {
      const error = toError(thrown);
      if (!(error instanceof ShoalError)) this.#report(error, `handle what ${this.name} sent`);
      this.close(endOfConnection(error), error);
    }
  }
}
