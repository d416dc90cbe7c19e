interface Milestone {
  readonly share: number;
  readonly act: () => void;
}

/**
 * What has to happen in every history however long it is, so that a short one shows as much as a long one: each
 * falls due once a certain share of the events has been told.
 */
export class Milestones {
  #planned: Milestone[] = [];

  add(share: number, act: () => void): void {
    this.#planned.push({ share, act });
    this.#planned.sort((a, b) => a.share - b.share);
  }

  /** Takes out the next one that is due. */
  due(share: number): (() => void) | undefined {
    const [next] = this.#planned;
    if (next === undefined || next.share > share) return undefined;
    this.#planned = this.#planned.slice(1);
    return next.act;
  }
}
