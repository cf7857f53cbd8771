import { networkKey, randomBelow, systemRandom } from '../../../util/index.ts';

/** Seats of a network that are looked at to find the one that gives way. */
const LOOKED_AT = 64;

/** One who has a seat. */
export interface Sitter {
  /** The smallest gives way first: who does nothing, for the longest time. */
  readonly rank: number;
  /** Ends what has the seat, which is another's from now on. */
  giveWay(): void;
}

/** A place that something of an address takes until it ends. */
export class Seat<Who extends Sitter> {
  readonly who: Who;
  /** `undefined`: it belongs to nobody who could be asked to give way. */
  network: Network<Who> | undefined;
  /** Whether it was given to another. */
  isGiven = false;
  /** Where it stands in its network. */
  index = 0;

  constructor(who: Who) {
    this.who = who;
  }
}

/** All seats of a network. It stands in a ring with the networks that have as many, in the order in which they got so many. */
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
 * Seats for as many as there may be of something, such as connections. When all are taken, a newcomer gets one all the
 * same, for the network with the most seats gives one up: the one of its seats that does the least. So no network, however
 * many addresses it has, keeps the others out; a newcomer of the greediest network takes a seat of its own.
 *
 * Every network stands in the ring of those with as many seats, so that the greediest is found at once.
 */
export class FairTable<Who extends Sitter> {
  /** Seats from now on; who has one keeps it. */
  max: number;
  readonly #networks = new Map<number | string, Network<Who>>();
  /** By number of seats, the network that has had this number for the longest. */
  readonly #bySize: (Network<Who> | undefined)[] = [undefined];
  #largest = 0;
  #size = 0;

  constructor(max: number) {
    this.max = max;
  }

  /** Seats that are taken. */
  get size(): number {
    return this.#size;
  }

  /**
   * Gives a seat to a newcomer, for which another may have to give way.
   *
   * @param ip 4 or 16 bytes
   * @returns `undefined` when nobody can be asked: {@link FairTable.remove} is to be called once with any other
   */
  add(who: Who, ip: Uint8Array): Seat<Who> | undefined {
    if (this.#size >= this.max && !this.#makeRoom(ip)) return undefined;
    const seat = new Seat(who);
    this.#size += 1;
    this.#join(seat, networkKey(ip));
    return seat;
  }

  /** Gives a seat back, unless it was given to another already. */
  remove(seat: Seat<Who>): void {
    if (seat.isGiven) return;
    this.#size -= 1;
    this.#leave(seat);
  }

  /** Notes for whom a seat is taken. @param ip `undefined`: for someone who speaks for many, and need not give way */
  move(seat: Seat<Who>, ip: Uint8Array | undefined): void {
    if (seat.isGiven) return;
    this.#leave(seat);
    if (ip !== undefined) this.#join(seat, networkKey(ip));
  }

  /**
   * Has one give way to another of the same network.
   *
   * @param ip 4 or 16 bytes
   * @param mayGo which of them may be asked
   * @returns who has, unless nobody was found
   */
  takeFromOwn(ip: Uint8Array, mayGo: (who: Who) => boolean): Who | undefined {
    const seat = leastOf(this.#networks.get(networkKey(ip))?.seats ?? [], mayGo);
    if (seat !== undefined) this.#take(seat);
    return seat?.who;
  }

  #makeRoom(ip: Uint8Array): boolean {
    const own = this.#networks.get(networkKey(ip));
    const largest = this.#bySize[this.#largest];
    // Of several that are as large, the newcomer's own one.
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

  /** Moves a network to the ring of those with as many seats. @param before how many it had */
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

/** Of all seats that may go, or of some at random where there are many, the one with the lowest rank. */
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
