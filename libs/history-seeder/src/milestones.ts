interface Milestone {
  readonly atProgress: number;
  readonly run: () => void;
}

/**
 * What has to happen in every history however long it is, so that a short one shows as much as a long one: each
 * falls due once a certain share of the events has been told.
 */
export class Milestones {
  #pending: Milestone[] = [];

  add(share: number, act: () => void): void {
    this.#pending.push({ atProgress: share, run: act });
    this.#pending.sort((a, b) => a.atProgress - b.atProgress);
  }

  /** Takes out the next one that is due. */
  takeDue(share: number): (() => void) | undefined {
    const [next] = this.#pending;
    if (next === undefined || next.atProgress > share) return undefined;
    this.#pending = this.#pending.slice(1);
    return next.run;
  }
}
