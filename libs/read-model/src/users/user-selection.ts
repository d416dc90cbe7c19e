import { reachabilityOf } from '#domain';
import type { Position } from '#event-store';
import type { ServiceRow } from './users-state.ts';

/** What a list of Users is sorted by. `lastChange` is the position of a User's last event, as in its version. */
export interface UserOrder {
  readonly by: 'created' | 'lastChange';
  readonly descending: boolean;
}

/** Oldest first. */
export const BY_CREATION: UserOrder = { by: 'created', descending: false };

/** Users to list; a part that is left out lets every User pass. */
export interface UserSelection {
  readonly isOnline?: boolean | null;
  readonly isNotifiable?: boolean | null;
  /** Not empty. Compared exactly, code point by code point. */
  readonly identityPrefix?: string;
  readonly order?: UserOrder;
}

/** Identities from one on, and before another in order of code points; null for no end. */
export interface IdentityRange {
  readonly from: string;
  readonly before: string | null;
}

/**
 * The answers of listed Users, as a condition on their rows: either null, or for one of several states.
 *
 * @see answerState
 */
export type AnswerCondition =
  | { readonly kind: 'unanswered'; readonly flag: Position }
  | { readonly kind: 'answered'; readonly flag: Position; readonly states: readonly number[] };

/** Conditions on the rows of the Users of one Service; null for none. */
export interface UserConditions {
  readonly answer: AnswerCondition | null;
  readonly identities: IdentityRange | null;
}

type AnswerFilter = Pick<UserSelection, 'isOnline' | 'isNotifiable'>;
type Flag = Pick<ServiceRow, 'reachabilityEnabled' | 'flagPosition'>;

const STATES = [0, 1, 2, 3] as const;

/** Returns the state of a row while it has an answer: 2 if a Connection is open, plus 1 if there is a Binding. */
export function answerState(openConnections: number, bindings: number): number {
  return (openConnections > 0 ? 2 : 0) + (bindings > 0 ? 1 : 0);
}

/** Returns the conditions that select Users of a Service; null where no User can meet them. */
export function userConditions(selection: UserSelection, service: Flag): UserConditions | null {
  const { identityPrefix } = selection;
  const answer = answerCondition(selection, service);
  if (answer === 'nobody') return null;
  return { answer, identities: identityPrefix === undefined ? null : rangeOf(identityPrefix) };
}

function answerCondition(
  filter: AnswerFilter,
  { reachabilityEnabled, flagPosition }: Flag,
): AnswerCondition | null | 'nobody' {
  const wanted = [filter.isOnline, filter.isNotifiable].filter((value) => value !== undefined);
  if (wanted.length === 0) return null;
  const areNull = wanted.filter((value) => value === null).length;
  // Both answers are null, or neither is.
  if (areNull > 0 && areNull < wanted.length) return 'nobody';
  if (!reachabilityEnabled || flagPosition === null) return areNull > 0 ? null : 'nobody';
  if (areNull > 0) return { kind: 'unanswered', flag: flagPosition };
  const states = STATES.filter((state) => matches(filter, state));
  return { kind: 'answered', flag: flagPosition, states };
}

/** Whether the answer in a state is one of those that a filter lets pass. */
function matches({ isOnline, isNotifiable }: AnswerFilter, state: number): boolean {
  const answer = reachabilityOf(
    { lastConnectPosition: '1', openConnections: state >> 1, bindings: state & 1 },
    { enabled: true, flagPosition: '0' },
  );
  return (
    (isOnline === undefined || isOnline === answer.isOnline) &&
    (isNotifiable === undefined || isNotifiable === answer.isNotifiable)
  );
}

const LAST_CODE_POINT = 0x10ffff;

/** Returns the range of all texts that begin with a prefix. */
export function rangeOf(prefix: string): IdentityRange {
  const characters = Array.from(prefix);
  for (let last = characters.pop(); last !== undefined; last = characters.pop()) {
    const codePoint = last.codePointAt(0) ?? 0;
    if (codePoint === LAST_CODE_POINT) continue;
    // Surrogates are no characters: none of them follows U+D7FF.
    const next = codePoint === 0xd7ff ? 0xe000 : codePoint + 1;
    return { from: prefix, before: characters.join('') + String.fromCodePoint(next) };
  }
  return { from: prefix, before: null };
}
