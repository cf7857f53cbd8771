import { describe, expect, test } from 'vitest';
import type { WsAnnounce } from '../../../tracker-protocol/index.ts';
import { type PeerLink, WsPeer } from './ws-swarm.ts';
import { MAX_WS_PEERS_PER_ADDRESS, MAX_WS_PEERS_PER_CONNECTION, WsSwarms } from './ws-swarms.ts';

function linkFrom(host: string): PeerLink {
  return { host, clientKey: host, network: `${host}/24`, peers: [], send: () => {} };
}

function announce(peerId: string, infoHash = 'swarm', isSeeder = false): WsAnnounce {
  return { action: 'announce', infoHash, peerId, event: 'none', isSeeder, offers: [] };
}

describe('WsSwarms', () => {
  test('a swarm exists as long as it has peers', () => {
    const swarms = new WsSwarms();
    const [a, b] = [linkFrom('192.0.2.1'), linkFrom('192.0.2.2')];
    swarms.announce(announce('a'), a, 0);
    swarms.announce(announce('b', 'swarm', true), b, 0);
    swarms.announce(announce('a', 'other'), a, 0);
    expect(swarms.scrape('swarm')).toEqual({ complete: 1, incomplete: 1, downloaded: 0 });
    expect([swarms.size, swarms.peers]).toEqual([2, 3]);
    swarms.leaveAll(a);
    expect(swarms.scrape('swarm')).toEqual({ complete: 1, incomplete: 0, downloaded: 0 });
    expect([swarms.size, swarms.peers, a.peers.length]).toEqual([1, 1, 0]);
    swarms.leave(swarms.find('swarm', 'b')!);
    expect([swarms.size, swarms.peers, b.peers.length]).toEqual([0, 0, 0]);
    expect(swarms.scrape('swarm')).toEqual({ complete: 0, incomplete: 0, downloaded: 0 });
  });

  test('announce() gives a peer id to another connection from the same address', () => {
    const swarms = new WsSwarms();
    const [lost, back] = [linkFrom('192.0.2.1'), linkFrom('192.0.2.1')];
    const peer = swarms.announce(announce('a'), lost, 0);
    expect(swarms.announce(announce('a'), back, 1)).toBe(peer);
    expect([lost.peers, back.peers]).toEqual([[], [peer]]);
    swarms.leaveAll(lost);
    expect(swarms.findAt(back, 'swarm', 'a')).toBe(peer);
    expect(swarms.findAt(lost, 'swarm', 'a')).toBeUndefined();
    expect(swarms.peers).toBe(1);
  });

  test('announce() refuses a peer id to a connection from another address until the first has left', () => {
    const swarms = new WsSwarms();
    const [owner, thief] = [linkFrom('192.0.2.1'), linkFrom('192.0.2.2')];
    const peer = swarms.announce(announce('a'), owner, 0);
    expect(swarms.announce(announce('a'), thief, 1)).toBe('peerIdInUse');
    expect(swarms.find('swarm', 'a')).toBe(peer);
    expect(thief.peers).toEqual([]);
    expect(swarms.announce(announce('a', 'other'), thief, 1)).toBeInstanceOf(WsPeer);
    swarms.leaveAll(owner);
    expect(swarms.announce(announce('a'), thief, 2)).toBeInstanceOf(WsPeer);
  });

  test('announce() lets one connection be several peers of a swarm', () => {
    const swarms = new WsSwarms();
    const link = linkFrom('192.0.2.1');
    swarms.announce(announce('a'), link, 0);
    swarms.announce(announce('b'), link, 0);
    expect(swarms.scrape('swarm').incomplete).toBe(2);
    swarms.leaveAll(link);
    expect(swarms.size).toBe(0);
  });

  test('announce() refuses a connection more peers than it may have', () => {
    const swarms = new WsSwarms();
    const link = linkFrom('192.0.2.1');
    for (let at = 0; at < MAX_WS_PEERS_PER_CONNECTION; at += 1) {
      swarms.announce(announce('a', `swarm ${at}`), link, 0);
    }
    expect(swarms.announce(announce('a', 'one more'), link, 0)).toBe('connectionFull');
    expect(swarms.announce(announce('a', 'swarm 7'), link, 0)).toBeInstanceOf(WsPeer);
    const other = linkFrom('192.0.2.1');
    swarms.announce(announce('a', 'one more'), other, 0);
    expect(swarms.announce(announce('a', 'one more'), link, 0)).toBe('connectionFull');
    expect(swarms.size).toBe(MAX_WS_PEERS_PER_CONNECTION + 1);
  });

  test('announce() refuses an address more peers than it may have, over any number of connections', () => {
    const swarms = new WsSwarms();
    let taken = 0;
    for (let connection = 0; connection < 30; connection += 1) {
      const link = linkFrom('192.0.2.1');
      for (let at = 0; at < MAX_WS_PEERS_PER_CONNECTION; at += 1) {
        const isTaken = swarms.announce(announce('a', `${connection} ${at}`), link, 0) instanceof WsPeer;
        taken += Number(isTaken);
      }
    }
    expect([taken, swarms.peers]).toEqual([MAX_WS_PEERS_PER_ADDRESS, MAX_WS_PEERS_PER_ADDRESS]);
    expect(swarms.announce(announce('a', '0 0'), linkFrom('192.0.2.2'), 0)).toBe('peerIdInUse');
    expect(swarms.announce(announce('b', '0 0'), linkFrom('192.0.2.2'), 0)).toBeInstanceOf(WsPeer);
  });

  test('announce() keeps room for addresses with few peers, however many others take all they can', () => {
    const swarms = new WsSwarms(5000);
    for (let address = 0; address < 50; address += 1) {
      const link = linkFrom(`10.0.0.${address}`);
      for (let at = 0; at < 200; at += 1) swarms.announce(announce('a', `${address} ${at}`), link, 0);
    }
    for (let address = 0; address < 100; address += 1) {
      const peer = swarms.announce(announce('a', `new ${address}`), linkFrom(`192.0.2.${address}`), 0);
      expect(peer).toBeInstanceOf(WsPeer);
    }
    expect(swarms.peers).toBeLessThanOrEqual(5000);
  });

  test('keepOnly() removes the peers that should not stay', () => {
    const swarms = new WsSwarms();
    const link = linkFrom('192.0.2.1');
    swarms.announce(announce('a', 'old'), link, 0);
    swarms.announce(announce('a', 'older'), link, 0);
    swarms.announce(announce('a', 'new'), link, 100);
    swarms.announce(announce('a', 'old'), link, 100);
    swarms.keepOnly(link, ({ seenAt }) => seenAt >= 100);
    expect(link.peers.map(({ swarm }) => swarm.infoHash).sort()).toEqual(['new', 'old']);
    expect(swarms.size).toBe(2);
  });

  test('leaveAll() removes as many peers as it is told, and the others later', () => {
    const swarms = new WsSwarms();
    const link = linkFrom('192.0.2.1');
    for (let at = 0; at < 10; at += 1) swarms.announce(announce('a', `swarm ${at}`), link, 0);
    expect([swarms.leaveAll(link, 4), swarms.peers, link.peers.length]).toEqual([4, 6, 6]);
    expect([swarms.leaveAll(link, 100), swarms.peers, link.peers.length]).toEqual([6, 0, 0]);
  });
});
