import type { Incarnation } from '#domain';
import type { NodeRow } from '#read-model';

/**
 * When this process first saw each incarnation as ended, and since when it has seen a running node. Both are times of
 * its own monotonic clock, so they start again with the process.
 */
export class EndedIncarnations {
  /** By node id, then by incarnation. */
  readonly #endedAt = new Map<string, Map<number, number>>();
  #runningSince: number | null = null;

  /**
   * Takes the current nodes. Returns the last ended incarnation of each node that has one. Returns none while no node
   * runs, because clients cannot reconnect yet.
   */
  update(nodes: readonly NodeRow[], now: number): readonly Incarnation[] {
    const ended = this.#recordEnds(nodes, now);
    if (!nodes.some(({ running }) => running)) {
      this.#runningSince = null;
      return [];
    }
    this.#runningSince ??= now;
    return ended;
  }

  /**
   * Returns since when the clients of an incarnation can reconnect: it has ended, and a node runs. Null while they
   * cannot.
   *
   * @param latest the last ended incarnation of the node; its end is used for those that ended before this process
   *   started
   */
  reconnectableSince({ nodeId, incarnation }: Incarnation, latest: number): number | null {
    const ends = this.#endedAt.get(nodeId);
    const end = ends?.get(incarnation) ?? ends?.get(latest);
    if (end === undefined || this.#runningSince === null) return null;
    return Math.max(end, this.#runningSince);
  }

  /** Forgets the incarnations of the node before this one; call it once they have no open Connection. */
  forgetBefore({ nodeId, incarnation }: Incarnation): void {
    const ends = this.#endedAt.get(nodeId);
    for (const other of ends?.keys() ?? []) if (other < incarnation) ends?.delete(other);
  }

  #recordEnds(nodes: readonly NodeRow[], now: number): readonly Incarnation[] {
    return nodes.flatMap(({ nodeId, incarnation, running }) => {
      const ended = running ? incarnation - 1 : incarnation;
      if (ended < 1) return [];
      const ends = this.#endedAt.get(nodeId) ?? new Map<number, number>();
      if (!ends.has(ended)) this.#endedAt.set(nodeId, ends.set(ended, now));
      return [{ nodeId, incarnation: ended }];
    });
  }
}
