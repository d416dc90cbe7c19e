import { describe, it } from '@jest/globals';
import fc from 'fast-check';
import { toPosition as eventStoreDbPosition } from '#event-store/adapters/eventstoredb/positions';
import { toPosition as sqlitePosition } from '#event-store/adapters/sqlite/positions';
import { formatVersion } from '#read-model';
import { eventIdOf, eventIdOfVersion } from './event-id.ts';

const places = fc.maxSafeInteger().filter((place) => place >= 0);

describe.each([
  ['the embedded store', (place: number) => sqlitePosition(place)],
  [
    'EventStoreDB',
    (place: number) => eventStoreDbPosition({ commit: BigInt(place), prepare: BigInt(place) }),
  ],
])('An event id on %s', (_, positionAt) => {
  it('is the exact position of the event', () => {
    fc.assert(fc.property(places, (place) => eventIdOf(positionAt(place)) === place));
  });

  it('is the same for a position and for the version that contains it', () => {
    fc.assert(
      fc.property(places, fc.uuid(), (place, epoch) => {
        const position = positionAt(place);
        return eventIdOfVersion(formatVersion(epoch, position)) === eventIdOf(position);
      }),
    );
  });

  it('grows with positions', () => {
    fc.assert(
      fc.property(places, places, (a, b) => {
        const [x, y] = [positionAt(a), positionAt(b)];
        return eventIdOf(x) < eventIdOf(y) === x < y;
      }),
    );
  });
});
