import { justAfter, type Position } from '#event-store';
import type { Boundary } from '../../../timeline/intervals.ts';
import type { ServiceFact, TimelineUser, UserFact } from '../../../timeline/timeline-state.ts';
import type { Facts } from './facts.ts';

/** Boundaries before a position, newest first: value changes of the User merged with changes of its Service's flag. */
export function* boundariesBefore(
  facts: Facts,
  head: TimelineUser,
  from: Position,
): Generator<Boundary> {
  const { serviceSid } = head;
  let user = facts.valueChangeBefore(head, from);
  let service = facts.flagBefore(serviceSid, from);
  while (user !== null && service !== null) {
    if (user.position > service.position) {
      yield boundary(user, user, service);
      user = facts.previousValueChange(user);
    } else if (user.exists) {
      yield boundary(service, user, service);
      service = facts.flagBefore(serviceSid, service.position);
    } else {
      service = facts.flagBefore(serviceSid, user.position);
    }
  }
}

/** Boundaries after a position, oldest first. */
export function* boundariesAfter(
  facts: Facts,
  head: TimelineUser,
  from: Position,
): Generator<Boundary> {
  const { serviceSid } = head;
  let user = facts.valueChangeBefore(head, justAfter(from));
  let service = facts.flagBefore(serviceSid, justAfter(from));
  const valueChanges = facts.valueChangesAfter(head, from);
  let valueChange = next(valueChanges);
  let flag = facts.flagAfter(serviceSid, from);
  while (valueChange !== null || (flag !== null && user?.exists === true)) {
    if (valueChange !== null && (flag === null || valueChange.position < flag.position)) {
      user = valueChange;
      valueChange = next(valueChanges);
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

function next<T>(items: Iterator<T, void>): T | null {
  const item = items.next();
  return item.done === true ? null : item.value;
}
