import { text, type SqlRow } from '#projections/adapters/columns';
import type { TimelineState, UnwrittenFacts } from '../timeline/timeline-state.ts';

/** Returns the state in a row of `heads`. */
export function toHead(row: SqlRow): TimelineState {
  // Only this program writes it.
  const state = JSON.parse(text(row, 'state')) as TimelineState;
  return state.kind === 'node' ? state : { ...state, unwritten: null };
}

/** Returns the text of a state for `heads`, without its facts, which have rows of their own. */
export function headText(state: TimelineState): string {
  const { unwritten: _, ...head } = 'unwritten' in state ? state : { ...state, unwritten: null };
  return JSON.stringify(head);
}

export function* newestFirst<Fact>(unwritten: UnwrittenFacts<Fact>): Generator<Fact> {
  for (let link = unwritten; link !== null; link = link.older) yield link.fact;
}
