import { serviceStream, userStream } from '#domain';
import type { RecordedEvent } from '#event-store';
import { foldBatch, START, type Checkpoint } from '#projections';
import {
  answerFor,
  summarize,
  usersProjection,
  type ReachabilityAnswer,
  type UsersState,
} from '#read-model';

/** What a follower of a Service must learn at one position of the log. */
export interface ExpectedChange {
  readonly position: string;
  /** Null for a change of the Service itself. */
  readonly sid: string | null;
  /** The answer from there on; null once the User, or the Service, is deleted. */
  readonly answer: ReachabilityAnswer | null;
  /** Of a change of the Service. */
  readonly reachabilityEnabled: boolean | null;
}

/** Folds a log event by event, and returns each change of an answer about a User of a Service, and of its flag. */
export async function foldedChanges(
  events: readonly RecordedEvent[],
  serviceSid: string,
): Promise<ExpectedChange[]> {
  const states = new Map<string, UsersState>();
  const found: ExpectedChange[] = [];
  let checkpoint: Checkpoint = START;
  const answerOf = (userSid: string): ReachabilityAnswer | null => {
    const service = states.get(serviceStream(serviceSid));
    const user = states.get(userStream(userSid));
    if (service?.kind !== 'service' || service.deleted || user?.kind !== 'user') return null;
    return answerFor(summarize(user), service);
  };
  for (const event of events) {
    const { data, position, type } = event;
    const isOfService = 'serviceSid' in data && data['serviceSid'] === serviceSid;
    const sid = 'userSid' in data ? String(data['userSid']) : null;
    const before = sid === null ? null : answerOf(sid);
    const load = (keys: readonly string[]) =>
      Promise.resolve(
        new Map(
          keys.flatMap((key): [string, UsersState][] => {
            const state = states.get(key);
            return state === undefined ? [] : [[key, state]];
          }),
        ),
      );
    const folded = await foldBatch(usersProjection, load, [event], checkpoint);
    checkpoint = folded.checkpoint;
    for (const [key, state] of folded.changes) {
      if (state === null) states.delete(key);
      else states.set(key, state);
    }
    if (!isOfService) continue;
    if (sid === null) {
      const service = states.get(serviceStream(serviceSid));
      if (!/^Reachability|^ServiceDeleted$/.test(type) || service?.kind !== 'service') continue;
      const reachabilityEnabled = service.reachabilityEnabled && !service.deleted;
      found.push({ position, sid, answer: null, reachabilityEnabled });
      continue;
    }
    const answer = answerOf(sid);
    if (isSame(before, answer)) continue;
    found.push({ position, sid, answer, reachabilityEnabled: null });
  }
  return found;
}

function isSame(a: ReachabilityAnswer | null, b: ReachabilityAnswer | null): boolean {
  return (
    a?.isOnline === b?.isOnline &&
    a?.isNotifiable === b?.isNotifiable &&
    a?.reasonCode === b?.reasonCode
  );
}
