import { beforeEach, describe, expect, it } from '@jest/globals';
import { StoreHealthRecord } from '#event-store';
import { MonitoredStore } from './monitored-store.ts';

describe('A monitored store', () => {
  let now: number;
  let record: StoreHealthRecord;
  let probes: PromiseWithResolvers<undefined>[];
  let store: MonitoredStore;

  beforeEach(() => {
    now = 1_000;
    record = new StoreHealthRecord(() => now);
    probes = [];
    const probe = (): Promise<undefined> => {
      const pending = Promise.withResolvers<undefined>();
      probes.push(pending);
      return pending.promise;
    };
    store = new MonitoredStore(
      { name: 'event_store', health: () => record.health, probe },
      () => now,
    );
  });

  const look = (): void => {
    store.look();
    now += 1_000;
  };

  it('is as its calls show', () => {
    record.setWriteFault('disk full');
    expect(store.health).toMatchObject({ state: 'unwritable', reason: 'disk full' });
  });

  it('is away when a probe has no answer for two seconds, since the probe began', () => {
    look();
    look();
    expect(store.health.state).toBe('up');
    look();
    expect(store.health).toMatchObject({ state: 'away', since: 1_000 });
    expect(probes).toHaveLength(1);
  });

  it('is up again when the probe is answered', async () => {
    for (let looks = 0; looks < 5; looks += 1) look();
    probes[0]?.resolve(undefined);
    await probes[0]?.promise;
    expect(store.health.state).toBe('up');
  });

  it('is away since the same time when the silent probe fails in the end', async () => {
    for (let looks = 0; looks < 5; looks += 1) look();
    expect(store.health.since).toBe(1_000);
    record.setReadFault('no answer in 5000 ms');
    probes[0]?.reject(new Error('no answer in 5000 ms'));
    await probes[0]?.promise.catch(() => undefined);
    expect(store.health).toMatchObject({
      state: 'away',
      since: 1_000,
      reason: 'no answer in 5000 ms',
    });
  });

  it('is not away when the process itself was paused while a probe was pending', () => {
    look();
    now += 60_000;
    look();
    expect(store.health.state).toBe('up');
  });
});
