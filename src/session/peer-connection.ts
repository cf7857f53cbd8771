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
import {
  type BlockRequest,
  type Handshake,
  type HashRequest,
  PeerSession,
  type PeerSessionEvents,
  type PieceGeometry,
} from '../wire/index.ts';
import type { SlotHolder } from './connection-slots.ts';
import type { KeptPeer } from './kept-bytes.ts';
import { MessageSender } from './message-sender.ts';
import { originOf } from './origin.ts';
import { endOfConnection, type PeerEnd } from './peer-end.ts';
import type { BlockTaker, HashTaker, PeerOwner } from './peer-owner.ts';
import { PeerUse } from './peer-use.ts';
import { RateMeter } from './rate-meter.ts';
import { ReadGate, stalled } from './read-gate.ts';
import { RequestPipeline } from './request-pipeline.ts';
import type { Run } from './run.ts';
import { MIN_SEND_BUFFER_BYTES, SEND_BUFFER_BYTES } from './send-buffer.ts';
import type { SendMemory } from './send-memory.ts';
import type { WorkBudget } from './work-budget.ts';

export interface PeerConnectionOptions {
  readonly connection: Connection;
  readonly geometry: PieceGeometry;
  readonly theirs: Handshake;
  readonly ours: Handshake;
  readonly clock: Clock;
  readonly owner: PeerOwner;
  readonly report: ReportError;
  /** The bytes being sent to all peers of the session. */
  readonly sending: SendMemory;
  /** The budget of work of all peers that come from the same address. */
  readonly workBudget: WorkBudget;
  /** Whether the peer speaks v2. @see BEP 52 */
  readonly speaksV2: boolean;
  /** The address that was dialed; absent when the peer came to us. */
  readonly dialed?: Address | undefined;
}

/** A connected peer of one torrent: its socket, its protocol state and what is measured of it. */
export class PeerConnection
  implements ConnectionHandler, PeerSessionEvents, PickerPeer, ChokerPeer, SlotHolder, KeptPeer
{
  readonly session: PeerSession;
  readonly peerId: Uint8Array;
  readonly remote: Address;
  readonly isIncoming: boolean;
  /** The address that was dialed; `undefined` when the peer came to us. Only this one is proven to be its own. */
  readonly dialed: Address | undefined;
  /** Where it comes from, see {@link Origin.stranger}. */
  readonly origin: string;
  /** Whether both ends speak the extension protocol. @see BEP 10 */
  readonly canExtend: boolean;
  /** Whether it takes part in v2, and may be asked for hashes. @see BEP 52 */
  readonly speaksV2: boolean;
  readonly download = new RateMeter();
  readonly upload = new RateMeter();
  /**
   * Whether it answers requests for the first bytes of a block. Programs that speak v2 do, as far as is known, and so do
   * most others; rqbit 8, which does not, disconnects a peer that asks for anything but whole blocks.
   */
  readonly takesPartBlocks: boolean;

  /** When it connected. */
  readonly cameAt: number;
  #clientName: string | undefined;
  #listensAt: Address | undefined;
  #isUploadOnly = false;
  #isReading = false;
  /** When something came from it last. */
  #receivedAt: number;
  /** Where the bytes are from that the session is about to send. */
  #sendingFrom: Run | undefined;
  readonly #connection: Connection;
  readonly #sender: MessageSender;
  readonly #sending: SendMemory;
  readonly #requests: RequestPipeline;
  readonly #gate: ReadGate;
  readonly #use: PeerUse;
  readonly #clock: Clock;
  readonly #owner: PeerOwner;
  readonly #blocks: BlockTaker | undefined;
  readonly #hashes: HashTaker;
  readonly #report: ReportError;
  /** How many {@link together} are under way. */
  #togethers = 0;
  #sendBufferBytes = SEND_BUFFER_BYTES;
  #isClosing = false;
  #isClosed = false;
  /** Why we closed it; `undefined` when we did not. */
  #end: PeerEnd | undefined;
  #failure: Error | undefined;

  constructor(options: PeerConnectionOptions) {
    const { connection, theirs, ours, clock, geometry } = options;
    this.#connection = connection;
    this.#sending = options.sending;
    this.#sender = new MessageSender(connection, options.sending);
    this.#clock = clock;
    this.#owner = options.owner;
    this.#blocks = options.owner.blocks;
    this.#hashes = options.owner.hashes;
    this.#report = options.report;
    this.peerId = theirs.peerId;
    this.remote = connection.remote;
    this.isIncoming = connection.isIncoming;
    this.dialed = options.dialed;
    this.origin = originOf(this.remote.host).stranger;
    this.#listensAt = options.dialed;
    this.canExtend = theirs.supports.extended && ours.supports.extended;
    this.speaksV2 = options.speaksV2;
    this.takesPartBlocks = options.speaksV2;
    const now = clock.now();
    this.cameAt = now;
    this.#receivedAt = now;
    this.#use = new PeerUse(now);
    const fast = theirs.supports.fast && ours.supports.fast;
    this.download.sample(now);
    const { canExtend: extended } = this;
    const { extensions } = options.owner;
    const maxExtendedBytes = (extendedId: number) => extensions.maxBytes(extendedId);
    this.session = new PeerSession({ geometry, fast, extended, maxExtendedBytes, now }, this);
    this.#requests = new RequestPipeline(this.session, this.download, now);
    const { workBudget } = options;
    this.#gate = new ReadGate({ connection, sender: this.#sender, session: this.session, workBudget, now });
  }

  /** For logs: address and client. */
  get name(): string {
    const address = formatAddress(this.remote);
    return this.#clientName === undefined ? address : `${address} (${this.#clientName})`;
  }

  /** The address at which it takes connections: the one that was dialed, or the one that it tells us. */
  get listensAt(): Address | undefined {
    return this.#listensAt;
  }

  /** Whether it wants no pieces. @see BEP 21 */
  get isUploadOnly(): boolean {
    return this.#isUploadOnly;
  }

  /** Whether it is snubbed: it owed blocks and sent none. Until it sends one, it is asked for one at a time. */
  get isSnubbed(): boolean {
    return this.#requests.isSnubbed;
  }

  /** When it sent a part of a block last, or connected. */
  get gaveAt(): number {
    return this.#use.gaveAt;
  }

  /** Whether a block is being read from disk for it. No further block is sent to it meanwhile. */
  get isReading(): boolean {
    return this.#isReading;
  }

  get host(): string {
    return this.remote.host;
  }

  get movedBytes(): number {
    return this.session.downloadedBytes + this.session.uploadedBytes;
  }

  get keptBytes(): number {
    return this.#gate.keptBytes;
  }

  isBehind(now: number): boolean {
    return this.#gate.isBehind(now);
  }

  /** Closes the connection because too much waits for the peer, and for others. */
  cut(): void {
    const { keptBytes } = this;
    this.close('tookNothing', stalled(`${keptBytes} bytes wait for it, which are needed for others`));
  }

  giveWay(): void {
    this.close('dismissed');
  }

  get pieces(): Bitfield {
    return this.session.peerPieces;
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

  get uploadedBytes(): number {
    return this.session.uploadedBytes;
  }

  get isAsking(): boolean {
    return this.session.queuedRequestCount > 0 || this.#isReading;
  }

  get uploadRate(): number {
    return this.upload.bytesPerSecond;
  }

  choke(): void {
    this.session.choke();
  }

  unchoke(): void {
    this.#use.unchoked(this.#clock.now());
    this.session.unchoke();
  }

  get isSeed(): boolean {
    return this.pieces.isFull && this.pieces.length > 0;
  }

  /**
   * How many blocks to ask for now, in a batch worth sending; 0 when enough are under way.
   *
   * @param limit bytes per second that may come from all peers
   */
  requestsWanted(limit?: number): number {
    return this.#requests.wanted(this.#receivedAt, limit);
  }

  /**
   * Milliseconds for which neither end has wanted anything of the other, or for which the peer has left an unchoke unused
   * without ever having been of use; 0 while it may be of use.
   */
  idleMs(now: number): number {
    return this.#use.idleMs(now, this.#isWanted, this.movedBytes);
  }

  /** Neither closed nor about to be. */
  get isOpen(): boolean {
    return !this.#isClosing;
  }

  /** Whether more may be handed over for sending: less to each when much waits for all peers of the session together. */
  get canSend(): boolean {
    const most = this.#sending.isFull ? MIN_SEND_BUFFER_BYTES : this.#sendBufferBytes;
    return !this.#isClosing && this.#sender.bytesWaiting < most;
  }

  /** Whether the peers of its address made more work than they may: nothing large is begun for it until that is over. */
  get isOverworked(): boolean {
    return this.#gate.isOverworked(this.#clock.now());
  }

  /** Counts work off the main thread that the peer makes, in the budget of its address. @param units see `MESSAGE_WORK` */
  addSharedWork(units: number): void {
    this.#gate.addSharedWork(units, this.#clock.now());
  }

  /** Counts work that the peer makes besides reading its messages. @param units see `MESSAGE_WORK`; negative: given back */
  addWork(units: number): void {
    this.#gate.addWork(units);
  }

  /** It is one of so many peers that take blocks of its torrent. */
  shareSendBuffer(takers: number): void {
    const share = this.#sending.isFull ? 0 : SEND_BUFFER_BYTES / Math.max(1, takers);
    const bytes = Math.max(MIN_SEND_BUFFER_BYTES, share);
    if (bytes === this.#sendBufferBytes) return;
    this.#sendBufferBytes = bytes;
    this.#connection.lowWaterBytes = bytes / 2;
  }

  /** Asks for a block; it leaves with {@link flushRequests}. */
  request(index: number, begin: number, length: number): void {
    this.#requests.add({ index, begin, length });
  }

  /** Sends the requests. @returns the bytes asked for */
  flushRequests(): number {
    return this.#requests.flush();
  }

  cancel(index: number, begin: number, length: number): void {
    this.session.cancel({ index, begin, length });
    this.#blocks?.onCancelled(this, index, begin);
  }

  /** Takes over what the peer says of itself. @see BEP 10 */
  introduce({ version, reqq, uploadOnly, port }: Partial<ExtendedHandshake>): void {
    this.#clientName = version ?? this.#clientName;
    if (reqq !== undefined) this.#requests.setReqq(reqq);
    this.#isUploadOnly = uploadOnly ?? this.#isUploadOnly;
    if (port !== undefined) this.#listensAt ??= { host: this.remote.host, port };
  }

  /** A block is being read from disk for it, or is no longer. */
  setReading(isReading: boolean): void {
    this.#isReading = isReading;
  }

  /** Answers a request, within {@link together}; `run`, from which `message` is, is retained until it has left. */
  sendBlock(request: BlockRequest, message: Uint8Array, run?: Run): void {
    this.#sendingFrom = run;
    this.session.sendBlock(request, message);
    this.#sendingFrom = undefined;
  }

  /** It owes us nothing so far: the time it may take counts from now. */
  restartSnubTimer(): void {
    this.#requests.restartSnubTimer(this.#clock.now());
  }

  /** Runs `work` and lets all it sends leave together. */
  together(work: () => void): void {
    this.#connection.cork();
    this.#togethers += 1;
    try {
      work();
    } finally {
      this.#togethers -= 1;
      if (this.#togethers === 0) this.#sender.flush();
      this.#connection.uncork();
    }
  }

  /** Counts a second: rates, keep-alive, silence. @returns whether it owes blocks and sent nothing for too long */
  tick(now: number): boolean {
    const hasGiven = this.session.downloadedBytes > this.download.total;
    if (hasGiven) this.#use.gave(now);
    if (this.#isWanted) this.#use.wanted(now);
    this.download.total = this.session.downloadedBytes;
    this.upload.total = this.session.uploadedBytes;
    this.download.sample(now);
    this.upload.sample(now);
    this.#guard(() => this.session.handleTimeout(now));
    const fault = this.#gate.tick(now, this.movedBytes);
    if (!this.#isClosing) {
      this.#gate.resume(now);
      if (fault !== undefined) this.close(fault.end, fault.error);
    }
    return this.#requests.tick(now, hasGiven);
  }

  /** Closes the connection. @param error says why when it is the peer's doing */
  close(end: PeerEnd, error?: Error): void {
    this.#end ??= end;
    this.#failure ??= error;
    this.#isClosing = true;
    this.session.stop();
    this.#connection.destroy();
  }

  onData(bytes: Uint8Array): void {
    if (this.#isClosed) return;
    this.#receivedAt = this.#clock.now();
    this.together(() => {
      this.#guard(() => {
        this.session.receive(bytes, this.#receivedAt);
        this.#owner.onReceived(this);
      });
    });
    this.#gate.onRead(this.#receivedAt);
  }

  onDrain(): void {
    if (!this.#isClosing) this.#gate.resume(this.#clock.now());
    this.#owner.onDrain(this);
  }

  onClose(error: Error | undefined): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#isClosing = true;
    this.session.stop();
    this.#owner.onClosed(this, this.#end ?? endOfConnection(error), this.#failure ?? error);
  }

  send(bytes: Uint8Array): void {
    if (this.#sendingFrom === undefined) this.#sender.send(bytes);
    else this.#sender.sendFrom(this.#sendingFrom, bytes);
    if (this.#togethers === 0) this.#sender.flush();
  }

  /** Does nothing: each request that the peer rejects by choking us comes as {@link onRejected}. */
  onChoked(): void {}

  onUnchoked(): void {
    this.#blocks?.onUnchoked(this);
  }

  onInterested(): void {
    this.#owner.onInterestChanged(this);
  }

  onNotInterested(): void {
    this.#owner.onInterestChanged(this);
  }

  onPieces(): void {
    this.#owner.onPieces(this);
  }

  onHave(index: number): void {
    this.#owner.onHave(this, index);
  }

  /** Pieces offered while it chokes us are few: we wait to be unchoked. @see BEP 6 */
  onAllowedFast(): void {}

  /** A suggestion is not followed: the picker knows what is rare. */
  onSuggestPiece(): void {}

  /** It is served once all that came in one go was handled. */
  onRequestQueued(): void {}

  onRejected(request: BlockRequest): void {
    this.#requests.onRejected();
    this.#blocks?.onRejected(this, request);
  }

  blockDestination(index: number, begin: number, length: number): Uint8Array | undefined {
    return this.#blocks?.blockDestination(this, index, begin, length);
  }

  onBlock(index: number, begin: number, length: number): void {
    this.#requests.onBlock(this.#receivedAt);
    this.#blocks?.onBlock(this, index, begin, length);
  }

  onBlockDiscarded(index: number, begin: number, length: number): void {
    this.#blocks?.onBlockDiscarded(this, index, begin, length);
  }

  onExtended(extendedId: number, payload: Uint8Array): void {
    this.#owner.onExtended(this, extendedId, payload);
  }

  onHashRequest(request: HashRequest): void {
    this.#hashes.onHashRequest(this, request);
  }

  onHashes(request: HashRequest, hashes: Uint8Array): void {
    this.#hashes.onHashes(this, request, hashes);
  }

  onHashesRejected(request: HashRequest): void {
    this.#hashes.onHashesRejected(this, request);
  }

  /** Whether either end wants something of the other. */
  get #isWanted(): boolean {
    return this.session.amInterested || this.peerInterested;
  }

  /** An error of the peer's closes its connection, and nothing else; one that is not the peer's is reported as well. */
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
