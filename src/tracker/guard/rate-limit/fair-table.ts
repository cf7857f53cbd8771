import { networkKey, randomBelow, systemRandom } from '../../../util/index.ts';

/** The number of seats of a network that are looked at to find the one that gives way. */
const LOOKED_AT = 64;

/** A holder of a seat, such as a connection. */
export interface Sitter {
  /** The rank, of which the lowest gives way first: that of the holder which has been idle for the longest time. */
  readonly rank: number;
  /** Ends the holder, because its seat now belongs to another. */
  giveWay(): void;
}

/** A seat that a holder takes until it ends. */
export class Seat<Who extends Sitter> {
  readonly who: Who;
  /** The network of the holder; `undefined`: the holder cannot be asked to give way. */
  network: Network<Who> | undefined;
  /** Whether the seat was given to another holder. */
  isGiven = false;
  /** The index of the seat in its network. */
  index = 0;

  constructor(who: Who) {
    this.who = who;
  }
}

/**
 * A network with all its seats. It is linked in a ring with the networks of as many seats, in the order in which they
 * reached that number.
 */
class Network<Who extends Sitter> {
  readonly key: number | string;
  readonly seats: Seat<Who>[] = [];
  previous: Network<Who> = this;
  next: Network<Who> = this;

  constructor(key: number | string) {
    this.key = key;
  }
}

/**
 * A table with a limited number of seats, as for connections. When all are taken, a newcomer gets one all the same: the
 * network with the most seats gives up the seat of lowest rank. So no network, however many addresses it has, keeps the
 * others out; a newcomer of the greediest network takes a seat of that network.
 *
 * Each network is in the ring of the networks with as many seats, so that the greediest one is found at once.
 */
export class FairTable<Who extends Sitter> {
  /** The most seats. Lowering it takes no seat away. */
  max: number;
  readonly #networks = new Map<number | string, Network<Who>>();
  /** For each number of seats, the network that has had this number for the longest time. */
  readonly #bySize: (Network<Who> | undefined)[] = [undefined];
  #largest = 0;
  #size = 0;

  constructor(max: number) {
    this.max = max;
  }

  /** Gives the number of seats that are taken. */
  get size(): number {
    return this.#size;
  }

  /**
   * Gives a seat to a newcomer, for which another may have to give way.
   *
   * @param ip 4 or 16 bytes
   * @returns the seat, with which {@link FairTable.remove} is to be called once; `undefined` when no holder can be asked to
   * give way
   */
  add(who: Who, ip: Uint8Array): Seat<Who> | undefined {
    if (this.#size >= this.max && !this.#makeRoom(ip)) return undefined;
    const seat = new Seat(who);
    this.#size += 1;
    this.#join(seat, networkKey(ip));
    return seat;
  }

  /** Frees a seat, unless it was given to another holder already. */
  remove(seat: Seat<Who>): void {
    if (seat.isGiven) return;
    this.#size -= 1;
    this.#leave(seat);
  }

  /**
   * Moves a seat to the network of an address.
   *
   * @param ip `undefined`: for a proxy, which speaks for many clients and need not give way
   */
  move(seat: Seat<Who>, ip: Uint8Array | undefined): void {
    if (seat.isGiven) return;
    this.#leave(seat);
    if (ip !== undefined) this.#join(seat, networkKey(ip));
  }

  /**
   * Makes a holder give way to another one of the same network.
   *
   * @param ip 4 or 16 bytes
   * @param mayGo says whether a holder may be asked
   * @returns the holder that gave way; `undefined` when none was found
   */
  takeFromOwn(ip: Uint8Array, mayGo: (who: Who) => boolean): Who | undefined {
    const seat = leastOf(this.#networks.get(networkKey(ip))?.seats ?? [], mayGo);
    if (seat !== undefined) this.#take(seat);
    return seat?.who;
  }

  #makeRoom(ip: Uint8Array): boolean {
    const own = this.#networks.get(networkKey(ip));
    const largest = this.#bySize[this.#largest];
    // If several networks are the largest, the newcomer's own one gives up the seat.
    const greediest = own?.seats.length === this.#largest ? own : largest;
    const seat = leastOf(greediest?.seats ?? [], () => true);
    if (seat !== undefined) this.#take(seat);
    return seat !== undefined;
  }

  #take(seat: Seat<Who>): void {
    this.#leave(seat);
    this.#size -= 1;
    seat.isGiven = true;
    seat.who.giveWay();
  }

  #join(seat: Seat<Who>, key: number | string): void {
    let network = this.#networks.get(key);
    if (network === undefined) {
      network = new Network(key);
      this.#networks.set(key, network);
    }
    seat.network = network;
    seat.index = network.seats.length;
    network.seats.push(seat);
    this.#resize(network, seat.index);
  }

  #leave(seat: Seat<Who>): void {
    const { network, index } = seat;
    if (network === undefined) return;
    seat.network = undefined;
    const { seats, key } = network;
    const last = seats.pop()!;
    if (last !== seat) {
      seats[index] = last;
      last.index = index;
    }
    if (seats.length === 0) this.#networks.delete(key);
    this.#resize(network, seats.length + 1);
  }

  /** Moves a network to the ring of the networks with as many seats. @param before the number of its seats before */
  #resize(network: Network<Who>, before: number): void {
    const { length } = network.seats;
    if (before > 0) this.#unlink(network, before);
    if (length > 0) this.#link(network, length);
    if (length > this.#largest) this.#largest = length;
    else if (before === this.#largest && this.#bySize[before] === undefined) this.#largest = length;
  }

  #link(network: Network<Who>, size: number): void {
    const first = this.#bySize[size];
    if (first === undefined) {
      this.#bySize[size] = network;
      return;
    }
    network.previous = first.previous;
    network.next = first;
    first.previous.next = network;
    first.previous = network;
  }

  #unlink(network: Network<Who>, size: number): void {
    const { previous, next } = network;
    if (this.#bySize[size] === network) this.#bySize[size] = next === network ? undefined : next;
    previous.next = next;
    next.previous = previous;
    network.previous = network;
    network.next = network;
  }
}

/** Finds the seat with the lowest rank among those that may go; where there are many, among some at random. */
function leastOf<Who extends Sitter>(
  seats: readonly Seat<Who>[],
  mayGo: (who: Who) => boolean,
): Seat<Who> | undefined {
  const start = seats.length > LOOKED_AT ? randomBelow(systemRandom, seats.length) : 0;
  let least: Seat<Who> | undefined;
  for (let looked = 0; looked < Math.min(LOOKED_AT, seats.length); looked += 1) {
    const seat = seats[(start + looked) % seats.length]!;
    if (mayGo(seat.who) && (least === undefined || seat.who.rank < least.who.rank)) least = seat;
  }
  return least;
}
