import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { toPosition as eventStoreDbPosition } from '#event-store/adapters/eventstoredb/positions';
import { toPosition as sqlitePosition } from '#event-store/adapters/sqlite/positions';
import { formatVersion } from '#read-model';
import { EventIds } from './event-ids.ts';

const places = fc.maxSafeInteger().filter((place) => place >= 0);
const times = fc.integer({ min: Date.UTC(2024, 0, 1), max: Date.UTC(2150, 0, 1) });

describe.each([
  ['the embedded store', (place: number) => sqlitePosition(place)],
  [
    'EventStoreDB',
    (place: number) => eventStoreDbPosition({ commit: BigInt(place), prepare: BigInt(place) }),
  ],
])('An event id on %s', (_, positionAt) => {
  const firstEpoch = new EventIds({ epochStart: null });
  const epochFrom = (time: number, place: number) =>
    new EventIds({ epochStart: { time, position: place === 0 ? null : positionAt(place) } });

  it('is the exact position of the event in the first epoch', () => {
    fc.assert(fc.property(places, (place) => firstEpoch.of(positionAt(place)) === place));
  });

  it('is the same for a position and for the version that contains it', () => {
    fc.assert(
      fc.property(places, fc.uuid(), times, places, (place, epoch, time, start) => {
        const position = positionAt(place);
        const version = formatVersion(epoch, position);
        return [firstEpoch, epochFrom(time, start)].every(
          (ids) => ids.ofVersion(version) === ids.of(position),
        );
      }),
    );
  });

  it('grows with positions', () => {
    fc.assert(
      fc.property(places, places, (a, b) => {
        const [x, y] = [positionAt(a), positionAt(b)];
        return firstEpoch.of(x) < firstEpoch.of(y) === x < y;
      }),
    );
  });

  it('counts from the start of a renewed epoch, where older changes are as old as the start', () => {
    const ids = epochFrom(Date.UTC(2026, 10, 29), 40);
    expect(ids.first).toBeGreaterThan(40);
    expect([0, 39, 40].map((place) => ids.of(positionAt(place)))).toEqual(Array(3).fill(ids.first));
    expect([41, 45].map((place) => ids.of(positionAt(place)) - ids.first)).toEqual([1, 5]);
  });

  it('is newer than all of former epochs, also of those that began with the same copy', () => {
    const elapsed = fc.integer({ min: 1, max: 10_000_000_000 });
    fc.assert(
      fc.property(times, elapsed, elapsed, fc.nat(), (time, first, second, kept) => {
        const restores = [time, time + first, time + first + second];
        const epochs = restores.map((at) => epochFrom(at, kept));
        return epochs.slice(1).every((later, index) => {
          const lastTime = (restores[index + 1] ?? 0) - (restores[index] ?? 0);
          const lost = positionAt(kept + 2_000 * lastTime);
          return (epochs[index]?.of(lost) ?? Infinity) < later.first;
        });
      }),
    );
  });

  it('is exact until 2159', () => {
    const ids = epochFrom(Date.UTC(2159, 0, 1), 0);
    expect(Number.isSafeInteger(ids.of(positionAt(1_000_000_000)))).toBe(true);
  });

  it('is never negative, also where the clock of the store was wrong', () => {
    expect(epochFrom(0, 5).of(positionAt(7))).toBe(2);
  });
});
