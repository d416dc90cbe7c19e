import { describe, expect, it } from '@jest/globals';
import { Heartbeats, type Peer } from './heartbeats.ts';
import { PING_SECONDS, PONG_SECONDS } from './liveness.ts';

interface Client extends Peer {
  lastSeenAt: number;
  answers: boolean;
  pings: number;
  silent: boolean;
}

function world() {
  let now = 0;
  const heartbeats = new Heartbeats(() => new Date(now));
  const client = (): Client => ({
    lastSeenAt: now,
    answers: true,
    pings: 0,
    silent: false,
    ping() {
      this.pings += 1;
      if (this.answers) this.lastSeenAt = now;
    },
    fellSilent() {
      this.silent = true;
    },
  });
  const pass = (seconds: number): void => {
    for (let second = 0; second < seconds; second += 1) {
      now += 1_000;
      heartbeats.tick();
    }
  };
  return { heartbeats, client, pass };
}

describe('A client', () => {
  it('that answers is pinged once in a round and kept', () => {
    const { heartbeats, client, pass } = world();
    const peer = client();
    heartbeats.add(peer);
    pass(PING_SECONDS * 3);
    expect(peer).toMatchObject({ pings: 3, silent: false });
    heartbeats.onApplicationShutdown();
  });

  it('that does not answer is given up within ping and pong, whichever slot it is in', () => {
    const { heartbeats, client, pass } = world();
    const peers = Array.from({ length: PING_SECONDS * 2 }, client);
    for (const peer of peers) {
      peer.answers = false;
      heartbeats.add(peer);
    }
    pass(PONG_SECONDS);
    expect(peers.some(({ silent }) => silent)).toBe(false);
    pass(PING_SECONDS);
    expect(peers.every(({ silent }) => silent)).toBe(true);
    heartbeats.onApplicationShutdown();
  });

  it('that spoke after the ping, though it did not answer it, is kept', () => {
    const { heartbeats, client, pass } = world();
    const peer = client();
    peer.answers = false;
    heartbeats.add(peer);
    for (let second = 0; second < PING_SECONDS * 3; second += 1) {
      pass(1);
      peer.lastSeenAt += 1_000;
    }
    expect(peer.silent).toBe(false);
    heartbeats.onApplicationShutdown();
  });

  it('that has left is neither pinged nor given up', () => {
    const { heartbeats, client, pass } = world();
    const peer = client();
    peer.answers = false;
    const remove = heartbeats.add(peer);
    pass(PING_SECONDS);
    remove();
    const { pings } = peer;
    pass(PING_SECONDS * 2);
    expect(peer).toMatchObject({ pings, silent: false });
    heartbeats.onApplicationShutdown();
  });
});
