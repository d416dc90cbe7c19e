import { Inject, Injectable } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import type { Incarnation } from '#domain';
import { latest, type Position } from '#event-store';
import type { NodeConnection, UsersReadModel } from '#read-model';
import { Settings } from '#shared/settings/settings';
import { ReadModelProgress } from '#shared/use-cases/read-model-progress';
import { BackgroundLoop } from '../platform/background-loop.ts';
import type { RoundResult } from '../platform/polling-loop.ts';
import { MONOTONIC, USERS_READ_MODEL, type Monotonic } from '../platform/injection-tokens.ts';
import { CloseOrphanedConnections } from '../use-cases/connections/close-orphaned-connections.ts';
import { GetNodeState } from '../use-cases/nodes/get-node-state.ts';
import { EndedIncarnations } from './ended-incarnations.ts';
import { orphanPages } from './orphan-pages.ts';
import { logFailure } from '../platform/log-failure.ts';

/**
 * Connections read and closed at a time: enough to spread the cost of reading their Users and of one commit, few enough
 * to block the event loop for some milliseconds only.
 */
const PAGE = 128;
const PAUSE_MS = 100;
/** A node without due Connections is skipped for this long at most, because a Service may have shortened its grace. */
const MAX_SKIP_MS = 1_000;
/** Milliseconds to wait for the read model to show the closed Connections before looking for more. */
const VISIBLE_TIMEOUT_MS = 5_000;

/** One pass over the open Connections of a node's ended incarnations. */
interface Scan {
  readonly ended: Incarnation;
  readonly startedAt: number;
  /** Grace period by Service, in milliseconds. */
  readonly graces: Map<string, number>;
  closed: number;
  /** When the next Connection is due. */
  earliest: number;
  /** Position of the last close. */
  position: Position | null;
  readonly failures: unknown[];
  /** Settles once the read model shows the closes of the page before. */
  visible: Promise<unknown>;
}

/**
 * Closes Connections of ended incarnations. Each stays open for its Service's grace period, counted from when the
 * incarnation has ended and another node runs. A client that reconnects in time is never shown offline. It works from
 * current state, so it can run at any time and in several workers.
 */
@Injectable()
export class OrphanedConnections extends BackgroundLoop {
  readonly #ended = new EndedIncarnations();
  /** Until when a node has no due Connection, by node id. */
  readonly #skipUntil = new Map<string, number>();

  constructor(
    @Inject(Settings) settings: Pick<Settings, 'ROLE'>,
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    @Inject(USERS_READ_MODEL)
    private readonly readModel: Pick<UsersReadModel, 'nodes' | 'orphanedConnections' | 'service'>,
    @Inject(ReadModelProgress)
    private readonly progress: Pick<ReadModelProgress, 'waitFor' | 'isTold' | 'onMove'>,
    @Inject(MONOTONIC) private readonly monotonic: Monotonic,
  ) {
    super({
      name: 'Closing orphaned Connections',
      pauseMs: PAUSE_MS,
      isEnabled: settings.ROLE !== 'api',
      signal: progress,
    });
  }

  /** Closes all Connections that are due. */
  async runOnce(): Promise<RoundResult> {
    const { nodes } = await this.readModel.nodes();
    const now = this.monotonic();
    let more = false;
    let nextAt = Infinity;
    for (const ended of this.#ended.update(nodes, now)) {
      if ((this.#skipUntil.get(ended.nodeId) ?? -Infinity) <= now) {
        more = (await this.#sweepNode(ended, now)) || more;
      }
      nextAt = Math.min(nextAt, this.#skipUntil.get(ended.nodeId) ?? Infinity);
    }
    if (more) return 'more';
    return nextAt === Infinity ? 'idle' : { againInMs: nextAt - now };
  }

  /** Returns true when it has closed Connections and the read model shows that. */
  async #sweepNode(ended: Incarnation, startedAt: number): Promise<boolean> {
    const scan: Scan = {
      ended,
      startedAt,
      graces: new Map(),
      closed: 0,
      earliest: Infinity,
      position: null,
      failures: [],
      visible: Promise.resolve(),
    };
    let found = 0;
    for await (const page of orphanPages(this.readModel, ended, PAGE)) {
      found += page.length;
      await this.#closeDue(page, scan);
    }
    if (found === 0) this.#ended.forgetBefore(ended);
    const nextAt = scan.failures.length > 0 ? startedAt : scan.earliest;
    if (nextAt === Infinity) this.#skipUntil.delete(ended.nodeId);
    else this.#skipUntil.set(ended.nodeId, Math.min(nextAt, startedAt + MAX_SKIP_MS));
    this.#report(scan);
    if (scan.closed === 0) return false;
    return this.progress.waitFor(scan.position, VISIBLE_TIMEOUT_MS);
  }

  #report({ ended: { nodeId }, closed, failures }: Scan): void {
    if (closed > 0) this.logger.log(`Closed ${closed} orphaned Connections of node ${nodeId}`);
    if (failures.length === 0) return;
    const count = `${failures.length} orphaned Connections of node ${nodeId}`;
    logFailure(this.logger, 'error', `Cannot close ${count}; retrying`, failures[0]);
  }

  async #closeDue(page: readonly NodeConnection[], scan: Scan): Promise<void> {
    const { ended, startedAt, graces } = scan;
    const due: NodeConnection[] = [];
    for (const connection of page) {
      const { serviceSid, counted } = connection;
      const since = this.#ended.reconnectableSince(connection.node, ended.incarnation);
      // A Connection opened after the end puts no User online, so it gets no grace period.
      const dueAt = counted
        ? (since ?? Infinity) + (await this.#graceMs(serviceSid, graces))
        : startedAt;
      if (dueAt <= startedAt) due.push(connection);
      else scan.earliest = Math.min(scan.earliest, dueAt);
    }
    if (due.length > 0) {
      const node = await this.queries.execute(new GetNodeState(ended.nodeId));
      const { closed, position, failures } = await this.commands.execute(
        new CloseOrphanedConnections({ node, connections: due }),
      );
      scan.closed += closed;
      scan.position = latest(scan.position, position);
      scan.failures.push(...failures);
    }
    // The next page has to show what other workers have closed meanwhile. The read model may be one page behind, so
    // that it and the log work at the same time.
    await scan.visible;
    if (due.length > 0) scan.visible = this.progress.waitFor(scan.position, VISIBLE_TIMEOUT_MS);
  }

  /** Returns the grace period of a Service; 0 for a deleted one, because its clients cannot reconnect. */
  async #graceMs(serviceSid: string, known: Map<string, number>): Promise<number> {
    let graceMs = known.get(serviceSid);
    if (graceMs === undefined) {
      const service = await this.readModel.service(serviceSid);
      graceMs = (service?.settings.graceSeconds ?? 0) * 1_000;
      known.set(serviceSid, graceMs);
    }
    return graceMs;
  }
}
