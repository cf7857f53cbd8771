import { describe, expect, test } from 'vitest';
import { FakeClock } from '../../../../test/support/index.ts';
import { decode } from '../../../bencode/index.ts';
import { decodeScrapeResponse } from '../../../tracker-protocol/index.ts';
import { type InfoHash, parseInfoHash, seededRandom } from '../../../util/index.ts';
import { MemorySwarmStore } from '../../swarms/memory/index.ts';
import { FULL_SCRAPE_LIFETIME, FullScrape } from './full-scrape.ts';

const QUESTION = { numWant: 0, withPeerIds: false };

class Swarms {
  readonly clock = new FakeClock();
  readonly store = new MemorySwarmStore({ peerTtl: 1e9, random: seededRandom(1) });
  readonly fullScrape = new FullScrape({ counts: () => this.store.counts(), clock: this.clock });

  announce(infoHash: InfoHash, port: number, role: 'seeder' | 'downloader' = 'seeder'): void {
    const address = Uint8Array.of(192, 0, 2, 1, port >> 8, port & 0xff);
    this.store.announce(
      infoHash,
      { address, peerId: new Uint8Array(20).fill(port), role },
      QUESTION,
      false,
      0,
    );
  }

  async body(): Promise<Buffer> {
    return Buffer.concat(await this.fullScrape.body());
  }
}

const infoHash = (number: number): InfoHash =>
  parseInfoHash((number * 7919).toString(16).padStart(8, '0').repeat(5));

describe('FullScrape', () => {
  test('body() is empty without swarms', async () => {
    expect((await new Swarms().body()).toString()).toBe('d5:filesdee');
  });

  test('body() is strict bencode, and counts as each scrape does', async () => {
    const swarms = new Swarms();
    const all = Array.from({ length: 3000 }, (_, number) => infoHash(number));
    for (const [number, each] of all.entries()) {
      for (let port = 1; port <= 1 + (number % 3); port += 1) {
        swarms.announce(each, port, port % 2 === 0 ? 'downloader' : 'seeder');
      }
    }
    const body = await swarms.body();
    decode(body);
    const { files } = decodeScrapeResponse(body) as { files: Map<InfoHash, unknown> };
    expect(files.size).toBe(all.length);
    for (const each of all) expect(files.get(each)).toEqual(swarms.store.scrape(each));
  });

  test('body() is made once for all who ask, and again after a while', async () => {
    const swarms = new Swarms();
    swarms.announce(infoHash(1), 1);
    const [one, two] = [swarms.fullScrape.body(), swarms.fullScrape.body()];
    expect(await one).toBe(await two);
    swarms.announce(infoHash(2), 1);
    swarms.clock.advance(FULL_SCRAPE_LIFETIME - 1);
    expect(await swarms.fullScrape.body()).toBe(await one);
    swarms.clock.advance(1);
    expect((await swarms.body()).toString('latin1').match(/8:complete/g)).toHaveLength(2);
  });

  test('body() has no swarm twice, and all that stay, whatever comes and goes meanwhile', async () => {
    const swarms = new Swarms();
    const staying = Array.from({ length: 2000 }, (_, number) => infoHash(number));
    const going = Array.from({ length: 2000 }, (_, number) => infoHash(10_000 + number));
    for (const each of [...staying, ...going]) swarms.announce(each, 1);
    const counts = swarms.store.counts();
    const fullScrape = new FullScrape({
      clock: swarms.clock,
      counts: function* () {
        for (const part of counts) {
          yield part;
          for (const each of going.splice(0, 200))
            swarms.store.leave(each, Uint8Array.of(192, 0, 2, 1, 0, 1));
        }
      },
    });
    const body = Buffer.concat(await fullScrape.body());
    decode(body);
    const { files } = decodeScrapeResponse(body) as { files: Map<InfoHash, unknown> };
    expect(staying.filter((each) => !files.has(each))).toEqual([]);
  });
});
