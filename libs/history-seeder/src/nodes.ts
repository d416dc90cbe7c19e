import { nodeAggregate, nodeDecider, nodeStream, type NodeCommand, type NodeState } from '#domain';
import { SECOND, type History, type Subject } from './history.ts';
import type { Milestones } from './milestones.ts';

/** One incarnation of a node, with its open Connections. */
export interface Incarnation {
  readonly nodeId: string;
  readonly incarnation: number;
  readonly skewMs: number;
  /** False as soon as the process has ended, whether or not the log has recorded it. */
  isAlive: boolean;
  /** By sid. */
  readonly connections: Map<string, HeldConnection>;
}

interface HeldConnection {
  /** Closes the Connection because its node stopped or was lost. */
  readonly close: (cause: 'abrupt' | 'node_lost', actor: string) => void;
}

/** Opens a Connection on a node that has been declared lost, but does not know it yet. */
type OpenLate = (run: Incarnation) => void;

interface SeedNode {
  readonly nodeId: string;
  readonly skewMs: number;
  readonly subject: Subject<NodeState>;
  current: Incarnation | null;
}

/** Milliseconds without a lease renewal after which a node is declared lost. */
const LEASE_MS = 6 * SECOND;
const GRACE_MS = 5 * SECOND;
const WORKER = 'worker';

/** The api processes. Each of them is restarted cleanly twice, and lost once. */
export class Nodes {
  readonly #history: History;
  readonly #openLate: OpenLate;
  readonly #nodes: readonly SeedNode[];

  constructor(history: History, milestones: Milestones, users: number, lateOpen: OpenLate) {
    this.#history = history;
    this.#openLate = lateOpen;
    const count = 2 + Math.min(4, Math.floor(users / 15_000));
    this.#nodes = Array.from({ length: count }, (_, index) => this.#create(`node-${index + 1}`));
    this.#nodes.forEach((node, index) => {
      this.#start(node);
      const turn = index / count;
      milestones.add(0.12 + 0.3 * turn, () => this.#restart(node));
      milestones.add(0.5 + 0.3 * turn, () => this.#lose(node, index % 2 === 0));
      milestones.add(0.82 + 0.15 * turn, () => this.#restart(node));
    });
  }

  /** A random node that accepts connections; null while there is none. */
  pickAlive(): Incarnation | null {
    const runs = this.#nodes.flatMap(({ current: run }) => (run?.isAlive === true ? [run] : []));
    return runs[this.#history.random.below(runs.length)] ?? null;
  }

  #create(nodeId: string): SeedNode {
    const subject = {
      stream: nodeStream(nodeId),
      state: nodeDecider.initialState,
      revision: -1,
    };
    return { nodeId, skewMs: this.#history.random.between(-30, 30), subject, current: null };
  }

  #start(node: SeedNode): void {
    const { nodeId, skewMs, subject } = node;
    this.#history.now += this.#history.random.between(100, 900);
    if (!this.#send(node, { type: 'StartNode', nodeId }, `node:${nodeId}`, skewMs)) return;
    const { incarnation } = subject.state;
    node.current = { nodeId, incarnation, skewMs, isAlive: true, connections: new Map() };
  }

  /** A deployment: the node closes its sockets and stops; soon after it starts again. */
  #restart(node: SeedNode): void {
    const { current: run, nodeId, skewMs } = node;
    if (run?.isAlive !== true) return;
    const { incarnation } = run;
    run.isAlive = false;
    for (const { close } of [...run.connections.values()]) {
      this.#history.now += this.#history.random.below(4);
      close('abrupt', `node:${nodeId}`);
    }
    this.#send(node, { type: 'StopNode', nodeId, incarnation }, `node:${nodeId}`, skewMs);
    this.#startIn(node, this.#history.random.between(4, 30) * SECOND);
  }

  /**
   * The process dies. Either another node notices when the lease expires, or the process restarts before that and
   * finds its old incarnation.
   */
  #lose(node: SeedNode, isNoticed: boolean): void {
    const { current: run } = node;
    if (run?.isAlive !== true) return;
    run.isAlive = false;
    if (!isNoticed) {
      this.#startIn(node, 2 * SECOND);
      this.#history.schedule(2 * SECOND + GRACE_MS, () => this.#closeOrphans(run));
      return;
    }
    this.#history.schedule(LEASE_MS, () => {
      const survivor = this.pickAlive();
      const actor = survivor === null ? WORKER : `node:${survivor.nodeId}`;
      const { nodeId, incarnation } = run;
      this.#send(node, { type: 'LoseNode', nodeId, incarnation }, actor, survivor?.skewMs ?? 0);
      // The lost process was only paused, and a pending append succeeds after all.
      this.#openLate(run);
      this.#history.schedule(GRACE_MS, () => this.#closeOrphans(run));
      this.#startIn(node, this.#history.random.between(20, 90) * SECOND);
    });
  }

  #startIn(node: SeedNode, afterMs: number): void {
    this.#history.schedule(afterMs, () => this.#start(node));
  }

  #closeOrphans({ connections: held }: Incarnation): void {
    for (const { close } of [...held.values()]) {
      this.#history.now += this.#history.random.below(3);
      close('node_lost', WORKER);
    }
  }

  #send({ subject }: SeedNode, command: NodeCommand, actor: string, skewMs: number): boolean {
    return this.#history.execute(nodeAggregate, subject, command, { actor, skewMs });
  }
}
