import { nodeAggregate, nodeDecider, nodeStream, type NodeCommand, type NodeState } from '#domain';
import { SECOND, type History, type Subject } from './history.ts';
import type { Milestones } from './milestones.ts';

/** One start of one node, and the Connections that it holds. */
export interface Run {
  readonly nodeId: string;
  readonly incarnation: number;
  readonly skewMs: number;
  /** False as soon as the process has gone, whether or not the log says so yet. */
  alive: boolean;
  /** By sid. */
  readonly held: Map<string, HeldConnection>;
}

export interface HeldConnection {
  /** Records that the Connection ended because its node stopped or was lost. */
  readonly close: (cause: 'abrupt' | 'node_lost', actor: string) => void;
}

/** Lets a client connect through a node that does not know yet that it was given up. */
export type LateOpen = (run: Run) => void;

interface SeedNode {
  readonly nodeId: string;
  readonly skewMs: number;
  readonly subject: Subject<NodeState>;
  run: Run | null;
}

/** A node that does not renew its lease for so long is given up, in milliseconds. */
const LEASE_MS = 6 * SECOND;
const GRACE_MS = 5 * SECOND;
const WORKER = 'worker';

/** The api processes: each is restarted in good order, and each is lost once. */
export class Nodes {
  readonly #history: History;
  readonly #lateOpen: LateOpen;
  readonly #nodes: readonly SeedNode[];

  constructor(history: History, milestones: Milestones, users: number, lateOpen: LateOpen) {
    this.#history = history;
    this.#lateOpen = lateOpen;
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

  /** A node that takes connections, or null while none does. */
  pick(): Run | null {
    const runs = this.#nodes.flatMap(({ run }) => (run?.alive === true ? [run] : []));
    return runs[this.#history.random.below(runs.length)] ?? null;
  }

  #create(nodeId: string): SeedNode {
    const subject = {
      stream: nodeStream(nodeId),
      state: nodeDecider.initialState,
      revision: -1,
    };
    return { nodeId, skewMs: this.#history.random.between(-30, 30), subject, run: null };
  }

  #start(node: SeedNode): void {
    const { nodeId, skewMs, subject } = node;
    this.#history.now += this.#history.random.between(100, 900);
    if (!this.#send(node, { type: 'StartNode', nodeId }, `node:${nodeId}`, skewMs)) return;
    const { incarnation } = subject.state;
    node.run = { nodeId, incarnation, skewMs, alive: true, held: new Map() };
  }

  /** A deployment: sockets are closed, then the node stops, and soon another start follows. */
  #restart(node: SeedNode): void {
    const { run, nodeId, skewMs } = node;
    if (run?.alive !== true) return;
    const { incarnation } = run;
    run.alive = false;
    for (const { close } of [...run.held.values()]) {
      this.#history.now += this.#history.random.below(4);
      close('abrupt', `node:${nodeId}`);
    }
    this.#send(node, { type: 'StopNode', nodeId, incarnation }, `node:${nodeId}`, skewMs);
    this.#startIn(node, this.#history.random.between(4, 30) * SECOND);
  }

  /**
   * The process dies. Either somebody else notices once its lease has run out, or it is back before that and
   * finds what it left.
   */
  #lose(node: SeedNode, noticed: boolean): void {
    const { run } = node;
    if (run?.alive !== true) return;
    run.alive = false;
    if (!noticed) {
      this.#startIn(node, 2 * SECOND);
      this.#history.plan(2 * SECOND + GRACE_MS, () => this.#closeOrphans(run));
      return;
    }
    this.#history.plan(LEASE_MS, () => {
      const survivor = this.pick();
      const actor = survivor === null ? WORKER : `node:${survivor.nodeId}`;
      const { nodeId, incarnation } = run;
      this.#send(node, { type: 'LoseNode', nodeId, incarnation }, actor, survivor?.skewMs ?? 0);
      // Was only paused, and an append under way comes through after all.
      this.#lateOpen(run);
      this.#history.plan(GRACE_MS, () => this.#closeOrphans(run));
      this.#startIn(node, this.#history.random.between(20, 90) * SECOND);
    });
  }

  #startIn(node: SeedNode, afterMs: number): void {
    this.#history.plan(afterMs, () => this.#start(node));
  }

  #closeOrphans({ held }: Run): void {
    for (const { close } of [...held.values()]) {
      this.#history.now += this.#history.random.below(3);
      close('node_lost', WORKER);
    }
  }

  #send({ subject }: SeedNode, command: NodeCommand, actor: string, skewMs: number): boolean {
    return this.#history.carryOut(nodeAggregate, subject, command, { actor, skewMs });
  }
}
