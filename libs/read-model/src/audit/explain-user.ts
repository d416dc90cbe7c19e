import { serviceStream, userStream } from '#domain';
import { byPosition, type RecordedEvent } from '#event-store';
import { answerFor, type ReachabilityAnswer } from '../users/answer.ts';
import { summarize } from '../users/user-summary.ts';
import type { ServiceRow, UserRow } from '../users/users-state.ts';
import { effectiveTimes, type AuditedEvent } from './effective-times.ts';
import { evidenceFor } from './evidence.ts';
import type { Evidence } from './evidence-collector.ts';
import type { HistoryEnd } from './history-end.ts';
import { reasonInWords } from './reason.ts';
import { userPast } from './user-past.ts';

/** The User to audit. */
export interface AuditedUser {
  readonly serviceSid: string;
  readonly userSid: string;
}

/** The answer about a User at some time, with its reason and evidence. */
export type UserExplanation =
  | {
      readonly kind: 'explained';
      readonly user: UserRow;
      readonly service: ServiceRow;
      readonly answer: ReachabilityAnswer;
      readonly reason: string;
      readonly events: readonly Evidence[];
    }
  /** The User did not exist yet. `createdAt` is null if it was never created. */
  | { readonly kind: 'unknown'; readonly createdAt: string | null }
  /** The User or its Service was deleted. */
  | { readonly kind: 'deleted'; readonly by: AuditedEvent };

/**
 * Explains the answer about a User at some time: the answer, its reason and the events that determine it.
 *
 * @param history whole streams of the User, its Service and the nodes that held its Connections, in any order
 * @param pause see {@link userPast}
 * @throws UnknownEventTypeError, InvalidEventError
 */
export async function explainUser(
  history: readonly RecordedEvent[],
  audited: AuditedUser,
  end: HistoryEnd,
  pause?: () => Promise<void> | void,
): Promise<UserExplanation> {
  const past = await userPast(history, audited, end, pause);
  const { user, service } = past;
  if (user !== null && service !== null && !service.deleted) {
    const answer = answerFor(summarize(user), service);
    const events = evidenceFor({ ...past, user, service }, answer);
    return { kind: 'explained', user, service, answer, reason: reasonInWords(answer), events };
  }
  const deletion = past.events.findLast(({ event }) =>
    user === null ? event.type === 'UserDeleted' : event.type === 'ServiceDeleted',
  );
  return deletion === undefined
    ? { kind: 'unknown', createdAt: creationTime(history, audited) }
    : { kind: 'deleted', by: deletion };
}

function creationTime(
  history: readonly RecordedEvent[],
  { serviceSid, userSid }: AuditedUser,
): string | null {
  const relevant = [serviceStream(serviceSid), userStream(userSid)];
  const inOrder = history.filter(({ stream }) => relevant.includes(stream)).toSorted(byPosition);
  const created = effectiveTimes(inOrder).find(({ recorded }) => recorded.type === 'UserCreated');
  return created?.effectiveAt ?? null;
}
