import type { Incarnation } from '#domain';
import type { NodeRow } from '#read-model';

/**
 * When this process first saw each incarnation ended, and since when it has seen some node running: both on its
 * own monotonic clock, which starts anew with the process.
 */
export class EndedIncarnations {
  /** By node id, then by incarnation. */
  readonly #ends = new Map<string, Map<number, number>>();
  #runningSince: number | null = null;

  /**
   * Takes the nodes as they stand. Gives the last ended incarnation of each that has one, and nothing while no node
   * runs: then nobody can come back yet.
   */
  note(nodes: readonly NodeRow[], now: number): readonly Incarnation[] {
    const ended = this.#noteEnds(nodes, now);
    if (!nodes.some(({ running }) => running)) {
      this.#runningSince = null;
      return [];
    }
    this.#runningSince ??= now;
    return ended;
  }

  /**
   * Since when the clients of an incarnation could have come back: it has ended, and a node takes sockets. Null
   * while none does.
   *
   * @param latest the last ended incarnation of the node; it stands for those that ended before this process began
   */
  goneSince({ nodeId, incarnation }: Incarnation, latest: number): number | null {
    const ends = this.#ends.get(nodeId);
    const end = ends?.get(incarnation) ?? ends?.get(latest);
    if (end === undefined || this.#runningSince === null) return null;
    return Math.max(end, this.#runningSince);
  }

  /** Nothing is left of the incarnations before this one. */
  forgetBefore({ nodeId, incarnation }: Incarnation): void {
    const ends = this.#ends.get(nodeId);
    for (const other of ends?.keys() ?? []) if (other < incarnation) ends?.delete(other);
  }

  #noteEnds(nodes: readonly NodeRow[], now: number): readonly Incarnation[] {
    return nodes.flatMap(({ nodeId, incarnation, running }) => {
      const ended = running ? incarnation - 1 : incarnation;
      if (ended < 1) return [];
      const ends = this.#ends.get(nodeId) ?? new Map<number, number>();
      if (!ends.has(ended)) this.#ends.set(nodeId, ends.set(ended, now));
      return [{ nodeId, incarnation: ended }];
    });
  }
}
