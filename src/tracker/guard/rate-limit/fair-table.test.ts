import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseIp } from '../../../util/index.ts';
import { FairTable, type Seat, type Sitter } from './fair-table.ts';

const ip = (text: string): Uint8Array => parseIp(text)!;

class Guest implements Sitter {
  hasGivenWay = false;
  readonly rank: number;

  constructor(rank = 0) {
    this.rank = rank;
  }

  giveWay(): void {
    this.hasGivenWay = true;
  }
}

/** Seats a guest of an address. */
function seat(table: FairTable<Guest>, address: string, rank = 0): Guest {
  const guest = new Guest(rank);
  expect(table.add(guest, ip(address))).toBeDefined();
  return guest;
}

describe('FairTable', () => {
  test('add() gives a newcomer the seat of the greediest, when all are taken', () => {
    const table = new FairTable<Guest>(100);
    const innocent = [seat(table, '192.0.2.1'), seat(table, '198.51.100.1')];
    // The addresses of one /48.
    const greedy = Array.from({ length: 98 }, (_, at) => seat(table, `2001:db8:1:${at}::1`));
    for (let more = 0; more < 50; more += 1) innocent.push(seat(table, `10.0.${more}.1`));
    expect(innocent.filter(({ hasGivenWay }) => hasGivenWay)).toEqual([]);
    expect(greedy.filter(({ hasGivenWay }) => hasGivenWay)).toHaveLength(50);
    expect(table.size).toBe(100);
  });

  test('add() has a newcomer of the greediest network take a seat of its own', () => {
    const table = new FairTable<Guest>(4);
    const [first, ...others] = [1, 2, 3, 4].map((host) => seat(table, `192.0.2.${host}`, host));
    const newest = seat(table, '192.0.2.5', 5);
    expect(first!.hasGivenWay).toBe(true);
    expect([...others, newest].some(({ hasGivenWay }) => hasGivenWay)).toBe(false);
  });

  test('add() takes the seats of networks with as many in the order in which they came', () => {
    const table = new FairTable<Guest>(3);
    const guests = [1, 2, 3, 4, 5].map((network) => seat(table, `192.0.${network}.1`));
    expect(guests.map(({ hasGivenWay }) => hasGivenWay)).toEqual([true, true, false, false, false]);
  });

  test('add() takes the seat with the lowest rank', () => {
    const table = new FairTable<Guest>(3);
    const guests = [5, 1, 3].map((rank) => seat(table, '192.0.2.1', rank));
    seat(table, '198.51.100.1');
    expect(guests.map(({ hasGivenWay }) => hasGivenWay)).toEqual([false, true, false]);
  });

  test('add() refuses a newcomer only when all seats are taken by proxies', () => {
    const table = new FairTable<Guest>(2);
    const proxies = [new Guest(), new Guest()].map((guest) => table.add(guest, ip('192.0.2.9'))!);
    for (const proxy of proxies) table.move(proxy, undefined);
    expect(table.add(new Guest(), ip('192.0.2.1'))).toBeUndefined();
    // The proxy names its client.
    table.move(proxies[0]!, ip('198.51.100.1'));
    expect(table.add(new Guest(), ip('192.0.2.1'))).toBeDefined();
    expect(proxies[0]!.who.hasGivenWay).toBe(true);
  });

  test('add() and remove() keep to the number of seats, and ask the greediest, whatever comes', () => {
    const step = fc.record({ network: fc.nat({ max: 5 }), isLeaving: fc.boolean(), which: fc.nat() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const table = new FairTable<Guest>(8);
        let seats: { seat: Seat<Guest>; network: number }[] = [];
        const countOf = (network: number) => seats.filter((each) => each.network === network).length;
        for (const { network, isLeaving, which } of steps) {
          if (isLeaving && seats.length > 0) {
            const [left] = seats.splice(which % seats.length, 1);
            table.remove(left!.seat);
            continue;
          }
          const most = Math.max(...[0, 1, 2, 3, 4, 5].map(countOf));
          const added = table.add(new Guest(), ip(`10.0.${network}.1`))!;
          const gone = seats.find(({ seat }) => seat.who.hasGivenWay);
          expect(gone !== undefined).toBe(seats.length === 8);
          if (gone !== undefined) {
            expect(countOf(gone.network)).toBe(most);
            seats = seats.filter((each) => each !== gone);
            // A holder that has given way ends later, which changes nothing.
            table.remove(gone.seat);
          }
          seats.push({ seat: added, network });
          expect(table.size).toBe(seats.length);
        }
      }),
    );
  });
});
