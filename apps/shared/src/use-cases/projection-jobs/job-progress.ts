import { shareOfLog, type Position } from '#event-store';
import type { JobProgress } from '#operational-state';

/**
 * Estimates how many events a fold of the log has before it, from how far its position has moved with the events so far:
 * to count those that are left would mean reading them.
 */
export class ProgressEstimate {
  readonly #head: Position | null;
  #first: { readonly share: number; readonly events: number } | null = null;

  /** @param head of the log */
  constructor(head: Position | null) {
    this.#head = head;
  }

  /** Returns the progress of a fold that has reached a position after a number of events. */
  at(position: Position | null, events: number): JobProgress {
    const share = shareOfLog(position, this.#head);
    this.#first ??= { share, events };
    const moved = share - this.#first.share;
    if (share >= 1) return { events, totalEvents: events };
    if (moved <= 0) return { events, totalEvents: null };
    const left = ((events - this.#first.events) / moved) * (1 - share);
    return { events, totalEvents: Math.round(events + left) };
  }
}
