import type { ChokerPeer } from '../choker/index.ts';
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
  WireError,
} from '../wire/index.ts';
import { Allowance, MAX_BUSY_SECONDS } from './allowance.ts';
import { Backlog } from './backlog.ts';
import type { SlotHolder } from './connection-slots.ts';
import { maxExtendedBytes } from './extended-limits.ts';
import type { KeptPeer } from './kept-bytes.ts';
import { MessageSender } from './message-sender.ts';
import { originOf } from './origin.ts';
import { endOfConnection, type PeerEnd } from './peer-end.ts';
import type { PeerOwner } from './peer-owner.ts';
import { pipelineBlocks } from './pipeline.ts';
import { RateMeter } from './rate-meter.ts';
import type { Run } from './run.ts';
import type { SendMemory } from './send-memory.ts';
import type { WorkBudget } from './work-budget.ts';

/** What a peer takes that does not say: the least any client in use does. @see BEP 10 `reqq` */
const DEFAULT_REQQ = 250;
/** A peer that owes us blocks and sends none for so long is snubbed: others are asked for them. */
export const SNUB_AFTER_MS = 15_000;
/** Milliseconds in which a peer that is unchoked takes or gives something, or is of no use. */
const PROVE_USE_MS = 5_000;
/**
 * Bytes waiting to leave above which no further block is handed over, divided among the peers that take blocks of one
 * torrent: what has been handed over cannot give way any more to what would be better to send.
 */
export const SEND_BUFFER_BYTES = 1024 * 1024;
/** The least that each of many peers may have waiting to leave. */
export const MIN_SEND_BUFFER_BYTES = 64 * 1024;
/**
 * Bytes waiting to leave above which nothing further is read from a peer: it makes us answer and takes no answers.
 * Blocks alone do not reach it, or a full line out would hold up the download.
 */
export const MAX_WAITING_BYTES = 2 * SEND_BUFFER_BYTES;

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

  /** The address that it says it listens at, when that is a known one: it is not dialed as long as that is believed. */
  readonly claimedAddresses: Address[] = [];
  /** Where it takes connections: the address that was dialed, or what it says. */
  listensAt: Address | undefined;
  /** It sent wrong data. */
  isBanned = false;
  /** When it sent a part of a block last, or connected. */
  gaveAt: number;
  /** What it calls itself. @see BEP 10 `v` */
  clientName: string | undefined;
  /** It wants no pieces. @see BEP 21 */
  isUploadOnly = false;
  /** It owed blocks and sent none; until it sends one it is asked for one at a time. */
  isSnubbed = false;
  /** It rejected requests though it does not choke us: it is asked again with the next tick. */
  isRefusing = false;
  /** A block is being read from disk for it. */
  isReading = false;
  /** How many requests it lets wait. */
  reqq = DEFAULT_REQQ;
  #receivedAt: number;
  /** When the last of a block came, or the first since then was asked for. */
  #lastPayloadAt: number;
  /** Requests that leave together at {@link flushRequests}. */
  readonly #batch: BlockRequest[] = [];
  /** Where the bytes are from that the session is about to send. */
  #sendingFrom: Run | undefined;
  readonly #connection: Connection;
  readonly #sender: MessageSender;
  readonly #sending: SendMemory;
  readonly #allowance: Allowance;
  readonly #backlog: Backlog;
  readonly #clock: Clock;
  readonly #owner: PeerOwner;
  readonly #report: ReportError;
  /** When it connected. */
  readonly cameAt: number;
  /** When either end was last seen to want something, or it connected. */
  #wantedAt: number;
  /** When it was unchoked first. */
  #unchokedAt: number | undefined;
  #isPaused = false;
  /** Units of work besides that of messages. */
  #otherWork = 0;
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
    this.#report = options.report;
    this.peerId = theirs.peerId;
    this.remote = connection.remote;
    this.isIncoming = connection.isIncoming;
    this.dialed = options.dialed;
    this.origin = originOf(this.remote.host).stranger;
    this.listensAt = options.dialed;
    this.canExtend = theirs.supports.extended && ours.supports.extended;
    this.speaksV2 = options.speaksV2;
    this.takesPartBlocks = options.speaksV2;
    const now = clock.now();
    this.cameAt = now;
    this.#wantedAt = now;
    this.#receivedAt = now;
    this.gaveAt = now;
    this.#lastPayloadAt = now;
    const fast = theirs.supports.fast && ours.supports.fast;
    this.download.sample(now);
    const { canExtend: extended } = this;
    this.session = new PeerSession({ geometry, fast, extended, maxExtendedBytes, now }, this);
    this.#allowance = new Allowance(options.workBudget);
    this.#backlog = new Backlog(this.#sender, this.session, now);
  }

  /** For logs: address and client. */
  get name(): string {
    return this.clientName === undefined
      ? formatAddress(this.remote)
      : `${formatAddress(this.remote)} (${this.clientName})`;
  }

  get host(): string {
    return this.remote.host;
  }

  get movedBytes(): number {
    return this.session.downloadedBytes + this.session.uploadedBytes;
  }

  get keptBytes(): number {
    return this.#backlog.keptBytes;
  }

  isBehind(now: number): boolean {
    return this.#backlog.isBehind(now);
  }

  /** Closes the connection because too much waits for the peer, and for others. */
  cut(): void {
    const { keptBytes } = this;
    const why = `${keptBytes} bytes wait for it, which are needed for others`;
    this.close('tookNothing', new WireError('PEER_STALLED', `The peer does not go on: ${why}`));
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
    return this.session.queuedRequestCount > 0 || this.isReading;
  }

  get uploadRate(): number {
    return this.upload.bytesPerSecond;
  }

  choke(): void {
    this.session.choke();
  }

  unchoke(): void {
    this.#unchokedAt ??= this.#clock.now();
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
    if (this.isRefusing) return 0;
    const latestRate = this.download.latest(this.session.downloadedBytes, this.#receivedAt);
    const rate = Math.max(this.download.bytesPerSecond, latestRate);
    const target = this.isSnubbed ? 1 : Math.min(pipelineBlocks(rate, limit), this.reqq);
    const missing = target - this.session.outstandingCount;
    return missing * 4 >= target ? missing : 0;
  }

  /**
   * Milliseconds for which neither end has wanted anything of the other, or for which the peer has left an unchoke unused
   * without ever having been of use; 0 while it may be of use.
   */
  idleMs(now: number): number {
    const isWanted = this.session.amInterested || this.peerInterested;
    const isUnproven = this.movedBytes === 0 && this.#unchokedAt !== undefined;
    return Math.max(
      isWanted ? 0 : now - this.#wantedAt,
      isUnproven ? now - this.#unchokedAt! - PROVE_USE_MS : 0,
    );
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
    return this.#allowance.isSharedUsedUp(this.#clock.now());
  }

  /** Counts work off the main thread that the peer makes, in the budget of its address. @param units see `MESSAGE_WORK` */
  addSharedWork(units: number): void {
    this.#allowance.countShared(units, this.#clock.now());
  }

  /** Counts work that the peer makes besides reading its messages. @param units see `MESSAGE_WORK`; negative: given back */
  addWork(units: number): void {
    this.#otherWork += units;
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
    this.#batch.push({ index, begin, length });
  }

  /** Sends the requests. @returns the bytes asked for */
  flushRequests(): number {
    const bytes = this.#batch.reduce((sum, { length }) => sum + length, 0);
    this.session.request(this.#batch);
    this.#batch.length = 0;
    return bytes;
  }

  cancel(index: number, begin: number, length: number): void {
    this.session.cancel({ index, begin, length });
    this.#owner.onCancelled(this, index, begin);
  }

  /** Answers a request, within {@link together}; `run`, from which `message` is, is retained until it has left. */
  sendBlock(request: BlockRequest, message: Uint8Array, run?: Run): void {
    this.#sendingFrom = run;
    this.session.sendBlock(request, message);
    this.#sendingFrom = undefined;
  }

  /** It owes us nothing so far: the time it may take counts from now. */
  restartSnubTimer(): void {
    this.#lastPayloadAt = this.#clock.now();
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
    if (this.session.downloadedBytes > this.download.total) {
      this.#lastPayloadAt = now;
      this.gaveAt = now;
    }
    this.isRefusing = false;
    if (this.session.amInterested || this.peerInterested) this.#wantedAt = now;
    this.download.total = this.session.downloadedBytes;
    this.upload.total = this.session.uploadedBytes;
    this.download.sample(now);
    this.upload.sample(now);
    this.#guard(() => this.session.handleTimeout(now));
    this.#tickLimits(now);
    const isLate = this.session.outstandingCount > 0 && now - this.#lastPayloadAt > SNUB_AFTER_MS;
    if (isLate) this.isSnubbed = true;
    return isLate;
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
    this.#allowance.count(this.session.work + this.#otherWork, this.#receivedAt);
    if (this.#isPaused || !this.#mustPause(this.#receivedAt)) return;
    this.#isPaused = true;
    this.#connection.pause();
  }

  onDrain(): void {
    this.#resume(this.#clock.now());
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

  onChoked(): void {
    this.#owner.onChoked(this);
  }

  onUnchoked(): void {
    this.#owner.onUnchoked(this);
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

  onAllowedFast(index: number): void {
    this.#owner.onAllowedFast(this, index);
  }

  /** A suggestion is not followed: the picker knows what is rare. */
  onSuggestPiece(): void {}

  onRequestQueued(): void {
    this.#owner.onRequestQueued(this);
  }

  onRejected(request: BlockRequest): void {
    this.#owner.onRejected(this, request);
  }

  blockDestination(index: number, begin: number, length: number): Uint8Array | undefined {
    return this.#owner.blockDestination(this, index, begin, length);
  }

  onBlock(index: number, begin: number, length: number): void {
    this.#lastPayloadAt = this.#receivedAt;
    this.isSnubbed = false;
    this.#owner.onBlock(this, index, begin, length);
  }

  onBlockDiscarded(index: number, begin: number, length: number): void {
    this.#owner.onBlockDiscarded(this, index, begin, length);
  }

  onExtended(extendedId: number, payload: Uint8Array): void {
    this.#owner.onExtended(this, extendedId, payload);
  }

  onHashRequest(request: HashRequest): void {
    this.#owner.onHashRequest(this, request);
  }

  onHashes(request: HashRequest, hashes: Uint8Array): void {
    this.#owner.onHashes(this, request, hashes);
  }

  onHashesRejected(request: HashRequest): void {
    this.#owner.onHashesRejected(this, request);
  }

  /** Reads on if it was to stop, and disconnects a peer that is nothing but a burden. */
  #tickLimits(now: number): void {
    this.#allowance.count(this.session.work + this.#otherWork, now);
    const isBurden = this.#allowance.tick(this.movedBytes);
    this.#backlog.tick(now);
    this.#resume(now);
    const fault = this.#backlog.fault(now);
    if (this.#isClosing) return;
    if (isBurden) {
      const why = `it made more work than is tolerated for ${MAX_BUSY_SECONDS} s`;
      this.close('brokeProtocol', new WireError('TOO_MUCH_WORK', `The peer is a burden: ${why}`));
    } else if (fault !== undefined) {
      this.close('tookNothing', new WireError('PEER_STALLED', `The peer does not go on: ${fault}`));
    }
  }

  /** Whether nothing more is to be read for now: answers wait for the peer, or it made much work. */
  #mustPause(now: number): boolean {
    const { bytesWaiting } = this.#connection;
    return bytesWaiting > MAX_WAITING_BYTES || this.#backlog.isFull || this.#allowance.isUsedUp(now);
  }

  #resume(now: number): void {
    if (!this.#isPaused || this.#isClosing || this.#mustPause(now)) return;
    this.#isPaused = false;
    this.#connection.resume();
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
