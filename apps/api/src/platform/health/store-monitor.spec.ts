import { describe, expect, it } from '@jest/globals';
import { StoreHealthRecord, EventStoreUnavailableError } from '#event-store';
import type { StoreName } from '../store-errors.ts';
import { StoreMonitor } from './store-monitor.ts';

function monitorOf(...names: readonly StoreName[]) {
  const records = new Map(names.map((name) => [name, new StoreHealthRecord(() => 5_000)]));
  const monitor = new StoreMonitor(
    [...records].map(([name, record]) => ({
      name,
      health: () => record.health,
      probe: () => Promise.resolve(),
    })),
  );
  return { monitor, setFault: (name: StoreName) => records.get(name)?.setReadFault('away') };
}

describe('The monitor of the stores', () => {
  it.each(['event_store', 'read_model', 'database'] as const)(
    'tells since when reads may be stale: without %s',
    (store) => {
      const { monitor, setFault } = monitorOf('event_store', 'read_model', 'database', 'state');
      expect(monitor.staleSince).toBeNull();
      setFault(store);
      expect(monitor.staleSince).toBe(5_000);
    },
  );

  it('does not call reads stale without operational state', () => {
    const { monitor, setFault } = monitorOf('event_store', 'state');
    setFault('state');
    expect(monitor.staleSince).toBeNull();
  });

  it('absorbs errors that say that one of its stores is out of reach, and no others', () => {
    const { monitor } = monitorOf('event_store');
    expect(monitor.absorb(new EventStoreUnavailableError('away'), 'requests')).toBe(true);
    expect(monitor.absorb(new RangeError('a bug'), 'requests')).toBe(false);
  });
});
