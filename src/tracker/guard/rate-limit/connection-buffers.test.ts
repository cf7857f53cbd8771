import { describe, expect, test } from 'vitest';
import { parseAddressRange, parseIp } from '../../../util/index.ts';
import { type BufferedConnection, ConnectionBuffer, ConnectionBuffers } from './connection-buffers.ts';

const PROXIES = [parseAddressRange('192.0.2.0/24')!];

function held(): ConnectionBuffers {
  return new ConnectionBuffers(PROXIES, 100, 300);
}

class Reader implements BufferedConnection {
  heldBytes = 0;
  isCut = false;
  readonly holding: ConnectionBuffer;

  constructor(all: ConnectionBuffers, address: string) {
    this.holding = new ConnectionBuffer(all, parseIp(address)!, this);
  }

  /** Sets the number of buffered bytes. */
  keep(bytes: number): this {
    this.heldBytes = bytes;
    this.holding.update();
    return this;
  }

  cut(): void {
    this.isCut = true;
  }
}

describe('ConnectionBuffers', () => {
  test('closes the connection with the most bytes when an address has too many', () => {
    const all = held();
    const readers = [30, 60, 9].map((bytes) => new Reader(all, '10.0.0.1').keep(bytes));
    const other = new Reader(all, '10.0.0.2').keep(100);
    readers[2]!.keep(11);
    expect(readers.map(({ isCut }) => isCut)).toEqual([false, true, false]);
    expect(other.isCut).toBe(false);
    expect([all.bytes, all.cut]).toEqual([141, 1]);
  });

  test('takes all addresses of an IPv6 /48 together', () => {
    const all = held();
    const readers = Array.from({ length: 11 }, (_, at) => new Reader(all, `2001:db8:1:${at}::1`).keep(10));
    expect(readers.filter(({ isCut }) => isCut)).toHaveLength(1);
  });

  test('closes no connection whose client has read meanwhile', () => {
    const all = held();
    const first = new Reader(all, '10.0.0.1').keep(90);
    first.heldBytes = 0;
    const second = new Reader(all, '10.0.0.1').keep(90);
    expect([first.isCut, second.isCut, all.bytes]).toEqual([false, false, 90]);
  });

  test('closes connections of the address with the most bytes when there are too many in all', () => {
    const all = held();
    const greedy = new Reader(all, '192.0.2.1').keep(150);
    const others = [1, 2].map((host) => new Reader(all, `10.0.0.${host}`).keep(80));
    expect(greedy.isCut).toBe(true);
    expect(others.map(({ isCut }) => isCut)).toEqual([false, false]);
  });

  test('hasRoom() has an address wait that does not read, and when there is little room those only that have much', () => {
    const all = held();
    const hasRoom = (address: string) => all.hasRoom(parseIp(address)!);
    new Reader(all, '10.0.0.1').keep(51);
    new Reader(all, '10.0.0.2').keep(50);
    expect(['10.0.0.1', '10.0.0.2', '10.0.0.3'].map(hasRoom)).toEqual([false, true, true]);
    new Reader(all, '10.0.0.4').keep(60);
    new Reader(all, '10.0.0.5').keep(5);
    expect(['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.5'].map(hasRoom)).toEqual([false, false, true, true]);
  });

  test('keeps no account of an address without buffered bytes', () => {
    const all = held();
    const reader = new Reader(all, '10.0.0.1').keep(10).keep(0);
    reader.holding.end();
    reader.keep(50);
    expect(all.bytes).toBe(0);
  });
});
