interface Milestone {
  readonly atProgress: number;
  readonly run: () => void;
}

/**
 * Actions that happen in every history, so that a short history shows as much as a long one. Each is due once a given
 * share of the events has been generated.
 */
export class Milestones {
  #pending: Milestone[] = [];

  add(atProgress: number, run: () => void): void {
    this.#pending.push({ atProgress, run });
    this.#pending.sort((a, b) => a.atProgress - b.atProgress);
  }

  /** Removes and returns the next action that is due. */
  takeDue(progress: number): (() => void) | undefined {
    const [next] = this.#pending;
    if (next === undefined || next.atProgress > progress) return undefined;
    this.#pending = this.#pending.slice(1);
    return next.run;
  }
}
