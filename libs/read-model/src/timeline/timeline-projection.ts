import { reachabilityRegistry, serviceStream, type ReachabilityEvent } from '#domain';
import type { Projection } from '#projections';
import { asKind } from '../kinds.ts';
import { usersProjection } from '../users/users-projection.ts';
import type { UsersState } from '../users/users-state.ts';
import { withServiceFact } from './with-service-fact.ts';
import type { TimelineState } from './timeline-state.ts';
import { withUserFact } from './with-user-fact.ts';

/**
 * The past of every User and Service: one fact for each event that changes the inputs of answers, so that a past
 * answer needs a look-up, not a fold. A flag change of a Service adds one fact, however many Users it has. Facts come
 * from the same fold as the `users` projection.
 */
export const timelineProjection: Projection<TimelineState, ReachabilityEvent> = {
  name: 'timeline',
  registry: reachabilityRegistry,
  keyOf: ({ stream }) => stream,
  lookups: (event) => {
    const present = usersProjection.lookups(event);
    if (!('userSid' in event.data)) return present;
    const service = serviceStream(event.data.serviceSid);
    return present.includes(service) ? present : [...present, service];
  },
  evolve: (state, projected, lookup) => {
    const { event } = projected;
    const rowOf = (key: string): UsersState | null => lookup(key)?.row ?? null;
    const row = usersProjection.evolve(state?.row ?? null, projected, rowOf);
    switch (event.type) {
      case 'ServiceCreated':
      case 'ServiceUpdated':
      case 'ServiceDeleted':
      case 'ReachabilityEnabled':
      case 'ReachabilityDisabled':
        return withServiceFact(asKind(state, 'service'), asKind(row, 'service'), {
          ...projected,
          event,
        });
      case 'NodeStarted':
      case 'NodeLost':
      case 'NodeStopped': {
        const node = asKind(row, 'node');
        return node === null ? null : { kind: 'node', row: node };
      }
      case 'ApiKeyCreated':
      case 'ApiKeyRotated':
      case 'ApiKeyRevoked':
        // A key has no part in any answer about a User.
        return null;
      default: {
        const service = asKind(rowOf(serviceStream(event.data.serviceSid)), 'service');
        const withEvent = { ...projected, event };
        return withUserFact(asKind(state, 'user'), asKind(row, 'user'), withEvent, service);
      }
    }
  },
  stripWritten: (state) => (state.kind === 'node' ? state : { ...state, unwritten: null }),
};
