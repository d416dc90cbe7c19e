import {
  Inject,
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import type { Incarnation } from '#domain';
import { latest, type Position } from '#event-store';
import type { NodeConnection, UsersReadModel } from '#read-model';
import { Settings } from '#shared/settings/settings';
import { ReadModelProgress } from '#shared/use-cases/read-model-progress';
import { MONOTONIC, USERS_READ_MODEL, type Monotonic } from '../platform/injection-tokens.ts';
import { CloseOrphanedConnections } from '../use-cases/connections/close-orphaned-connections.ts';
import { GetNodeState } from '../use-cases/nodes/get-node-state.ts';
import { EndedIncarnations } from './ended-incarnations.ts';
import { orphanPages } from './orphan-pages.ts';
import { PollingLoop } from '../platform/polling-loop.ts';

/**
 * Connections looked at, and closed, at a time: enough for one read of their Users and one commit of their closes to
 * cost each of them little, few enough to keep the event loop for some milliseconds only.
 */
const PAGE = 128;
const PAUSE_MS = 100;
/** Where nothing is due yet, it is looked for again after so long at most: a Service may have shortened its grace. */
const MOST_REST_MS = 1_000;
/** Milliseconds to wait until the read model shows what was closed, before looking for more. */
const VISIBLE_WITHIN_MS = 5_000;

/** What is left of one node for a later round; `earliest` of what is not due yet. */
interface Scan {
  closed: number;
  earliest: number;
  position: Position | null;
  readonly failures: unknown[];
  /** Settles once the read model shows what was closed of the page before. */
  shown: Promise<unknown>;
}

/**
 * Closes the Connections that an incarnation left open: those of a process that died, or stopped, or was given up.
 * Their clients have the grace of their Service to come back to another node, from the moment at which both the
 * incarnation has ended and some node takes sockets; who does is never shown offline. It looks at what is, not at
 * what happened, so it finds them whenever it runs, and any number of workers may run it.
 */
@Injectable()
export class OrphanedConnections implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #logger = new Logger(OrphanedConnections.name);
  readonly #wanted: boolean;
  readonly #ended = new EndedIncarnations();
  /** By node id: until then nothing of it is due. */
  readonly #restUntil = new Map<string, number>();
  readonly #loop = new PollingLoop(
    'Closing orphaned connections',
    () => this.sweep(),
    PAUSE_MS,
    this.#logger,
  );

  constructor(
    @Inject(Settings) settings: Pick<Settings, 'ROLE'>,
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    @Inject(USERS_READ_MODEL)
    private readonly readModel: Pick<UsersReadModel, 'nodes' | 'orphanedConnections' | 'service'>,
    @Inject(ReadModelProgress) private readonly progress: Pick<ReadModelProgress, 'waitFor'>,
    @Inject(MONOTONIC) private readonly monotonic: Monotonic,
  ) {
    this.#wanted = settings.ROLE !== 'api';
  }

  onApplicationBootstrap(): void {
    if (this.#wanted) this.#loop.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.#loop.stop();
  }

  /** One round: closes all that is due. */
  async sweep(): Promise<'more' | 'idle'> {
    const { nodes } = await this.readModel.nodes();
    const now = this.monotonic();
    let more = false;
    for (const ended of this.#ended.note(nodes, now)) {
      if ((this.#restUntil.get(ended.nodeId) ?? -Infinity) > now) continue;
      more = (await this.#sweepNode(ended, now)) || more;
    }
    return more ? 'more' : 'idle';
  }

  /** True when something was closed, and is seen to be. */
  async #sweepNode(ended: Incarnation, now: number): Promise<boolean> {
    const scan: Scan = {
      closed: 0,
      earliest: Infinity,
      position: null,
      failures: [],
      shown: Promise.resolve(),
    };
    const graces = new Map<string, number>();
    let found = 0;
    for await (const page of orphanPages(this.readModel, ended, PAGE)) {
      found += page.length;
      await this.#closeDue(page, { ended, now, graces, scan });
    }
    if (found === 0) this.#ended.forgetBefore(ended);
    if (scan.earliest === Infinity) this.#restUntil.delete(ended.nodeId);
    else this.#restUntil.set(ended.nodeId, Math.min(scan.earliest, now + MOST_REST_MS));
    this.#report(ended, scan);
    if (scan.closed === 0) return false;
    return this.progress.waitFor(scan.position, VISIBLE_WITHIN_MS);
  }

  #report({ nodeId }: Incarnation, { closed, failures }: Scan): void {
    if (closed > 0) this.#logger.log(`Closed ${closed} connections that ${nodeId} left open`);
    if (failures.length === 0) return;
    const what = `Closing what ${nodeId} left open failed ${failures.length} times`;
    this.#logger.error(`${what} and will be tried again: ${String(failures[0])}`);
  }

  async #closeDue(
    page: readonly NodeConnection[],
    round: {
      readonly ended: Incarnation;
      readonly now: number;
      readonly graces: Map<string, number>;
      readonly scan: Scan;
    },
  ): Promise<void> {
    const { ended, now, graces, scan } = round;
    const due: NodeConnection[] = [];
    for (const connection of page) {
      const { serviceSid, counted } = connection;
      const since = this.#ended.goneSince(connection.node, ended.incarnation);
      // What was opened after the end makes nobody online, so nobody is waited for.
      const dueAt = counted ? (since ?? Infinity) + (await this.#graceMs(serviceSid, graces)) : now;
      if (dueAt <= now) due.push(connection);
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
    // The next page is to show what others have closed meanwhile. The read model may be a page behind: its work and
    // the log's go on side by side.
    await scan.shown;
    if (due.length > 0) scan.shown = this.progress.waitFor(scan.position, VISIBLE_WITHIN_MS);
  }

  /** Of a Service that is gone, nobody comes back. */
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
