import { reachabilityRegistry, type ReachabilityEvent } from '#domain';
import type { ProjectedEvent, Projection } from '#projections';
import { asKind } from '../kinds.ts';
import { usersProjection } from '../users/users-projection.ts';
import type { ServiceRow, UserRow, UsersState } from '../users/users-state.ts';
import { countChanges } from './counts.ts';
import { withFlagChange } from './flag-history.ts';
import type {
  SummaryService,
  SummaryState,
  SummaryUser,
  UnwrittenChanges,
} from './summary-state.ts';

/**
 * How many Users of each Service are online, offline, unknown and notifiable, now and over time. Rows come from the same
 * fold as the `users` projection; each change of one adds its difference to the counts of its Service. A change of the flag
 * changes no count, however many Users there are: they are kept by flag position.
 */
export const summaryProjection: Projection<SummaryState, ReachabilityEvent> = {
  name: 'summary',
  registry: reachabilityRegistry,
  keyOf: ({ stream }) => stream,
  lookups: (event) => usersProjection.lookups(event),
  evolve: (state, projected, lookup) => {
    const rowOf = (key: string): UsersState | null => lookup(key)?.row ?? null;
    const row = usersProjection.evolve(state?.row ?? null, projected, rowOf);
    if ('userSid' in projected.event.data) {
      return evolveUser(asKind(state, 'user'), asKind(row, 'user'), projected);
    }
    if (row?.kind === 'service') return evolveService(asKind(state, 'service'), row, projected);
    // A key has no part in any answer about a User.
    return row?.kind === 'node' ? { kind: 'node', row } : null;
  },
  stripWritten: (state) => (state.kind === 'user' ? { ...state, unwritten: null } : state),
};

function evolveUser(
  state: SummaryUser | null,
  row: UserRow | null,
  { event, effectiveAt: at }: ProjectedEvent<ReachabilityEvent>,
): SummaryUser | null {
  const before = state?.row ?? null;
  const serviceSid = (row ?? before)?.serviceSid;
  if (serviceSid === undefined) return state;
  let unwritten: UnwrittenChanges = state?.unwritten ?? null;
  for (const { flag, counts } of countChanges(before, row)) {
    unwritten = { change: { serviceSid, flag, at, counts }, older: unwritten };
  }
  const hasProfile = event.type === 'UserCreated' || event.type === 'UserUpdated';
  return { kind: 'user', row: row !== null && hasProfile ? withoutProfile(row) : row, unwritten };
}

/** Profiles may be long, and count nothing. */
function withoutProfile(row: UserRow): UserRow {
  return { ...row, friendlyName: null, attributes: '' };
}

function evolveService(
  state: SummaryService | null,
  row: ServiceRow,
  { position, effectiveAt: at }: ProjectedEvent<ReachabilityEvent>,
): SummaryService {
  const before = state?.flags ?? [];
  const hasChanged = row.flagPosition === position;
  const flags = hasChanged
    ? withFlagChange(before, { position, at, enabled: row.reachabilityEnabled })
    : before;
  return { kind: 'service', row, flags };
}
