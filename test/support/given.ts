import { expect } from '@jest/globals';
import { DomainError, type Decider, type DomainEvent, type DomainErrorCode } from '#domain';

interface When<Command, Event extends DomainEvent> {
  when: (command: Command) => {
    /** Expects exactly these events. */
    then: (expected: readonly Event[]) => void;
    /** Expects a DomainError with this code. */
    thenRefused: (code: DomainErrorCode) => void;
  };
}

/**
 * Tests a decider: `given(decider, history).when(command).then(events)`. State, events and command are deeply frozen,
 * so a decider that changes its arguments fails.
 */
export function given<State, Command, Event extends DomainEvent>(
  decider: Decider<State, Command, Event>,
  history: readonly Event[],
): When<Command, Event> {
  const state = stateAfter(decider, history);
  return {
    when: (command) => ({
      then: (expected) => {
        expect(decider.decide(deepFreeze(command), state)).toEqual(expected);
      },
      thenRefused: (code) => {
        expect(refusalOf(() => decider.decide(deepFreeze(command), state))).toBe(code);
      },
    }),
  };
}

/** The state after a history. */
export function stateAfter<State, Command, Event extends DomainEvent>(
  { initialState, evolve }: Decider<State, Command, Event>,
  history: readonly Event[],
): State {
  return history.reduce(
    (state, event) => deepFreeze(evolve(state, deepFreeze(event))),
    deepFreeze(initialState),
  );
}

/** Code of the DomainError that `decide` throws; undefined if it does not throw one. */
export function refusalOf(decide: () => unknown): DomainErrorCode | undefined {
  try {
    decide();
  } catch (error) {
    if (error instanceof DomainError) return error.code;
    throw error;
  }
  return undefined;
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(deepFreeze);
  }
  return value;
}
