import type { Position } from '#event-store';
import type {
  FactCause,
  ServiceFact,
  TimelineUser,
  UserFact,
} from '../../../timeline/timeline-state.ts';
import { AFTER_ALL, type Facts } from './facts.ts';

/** A place at which the value of a User changed, or at which the User came or went. */
export interface Boundary {
  readonly position: Position;
  readonly at: string;
  readonly cause: FactCause;
  /** What holds from here on, as far as values go. */
  readonly user: UserFact;
  readonly service: ServiceFact;
}

/** Boundaries before a place, newest first: turns of the User and changes of its Service's flag, in one order. */
export function* boundariesBefore(
  facts: Facts,
  head: TimelineUser,
  place: Position,
): Generator<Boundary> {
  const { serviceSid } = head;
  let user = facts.turnBefore(head, place);
  let service = facts.flagBefore(serviceSid, place);
  while (user !== null && service !== null) {
    if (user.position > service.position) {
      yield boundary(user, user, service);
      user = facts.previousTurn(user);
    } else if (user.exists) {
      yield boundary(service, user, service);
      service = facts.flagBefore(serviceSid, service.position);
    } else {
      service = facts.flagBefore(serviceSid, user.position);
    }
  }
}

/** Boundaries after a place, oldest first. */
export function* boundariesAfter(
  facts: Facts,
  head: TimelineUser,
  place: Position,
): Generator<Boundary> {
  const { serviceSid } = head;
  let user = facts.turnBefore(head, rightAfter(place));
  let service = facts.flagBefore(serviceSid, rightAfter(place));
  const turns = facts.turnsAfter(head, place);
  let turn = next(turns);
  let flag = facts.flagAfter(serviceSid, place);
  while (turn !== null || (flag !== null && user?.exists === true)) {
    if (turn !== null && (flag === null || turn.position < flag.position)) {
      user = turn;
      turn = next(turns);
      if (service !== null) yield boundary(user, user, service);
    } else if (flag !== null) {
      service = flag;
      flag = facts.flagAfter(serviceSid, flag.position);
      if (user?.exists === true) yield boundary(service, user, service);
    }
  }
}

function boundary(
  { position, at, cause }: UserFact | ServiceFact,
  user: UserFact,
  service: ServiceFact,
): Boundary {
  return { position, at, cause, user, service };
}

/** Places are of one width, so that nothing stands between a place and this. */
function rightAfter(place: Position): Position {
  return place + AFTER_ALL;
}

function next<T>(items: Iterator<T, void>): T | null {
  const item = items.next();
  return item.done === true ? null : item.value;
}
