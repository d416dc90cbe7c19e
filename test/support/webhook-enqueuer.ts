import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  serviceAggregate,
  serviceStream,
  type ServiceCommand,
  type ServiceSettingsPatch,
  type UserCommand,
} from '#domain';
import { AggregateCommandHandler, type EventStore } from '#event-store';
import type { Delivery } from '#operational-state';
import {
  openSqliteOperationalState,
  type SqliteOperationalState,
} from '#operational-state/adapters/sqlite/index';
import { ProjectionRunner } from '#projections';
import { FilteredLog } from '../../apps/api/src/webhooks/enqueue/filtered-log.ts';
import { WebhookStates } from '../../apps/api/src/webhooks/enqueue/webhook-states.ts';
import { webhooksProjection } from '../../apps/api/src/webhooks/enqueue/webhooks-projection.ts';
import { steppedReadModel, type SteppedReadModel } from './read-model.ts';
import { InMemoryEventStore } from './in-memory-event-store.ts';
import { NOW, SERVICE_SID, streamOf, userCommands } from './user-commands.ts';

export const ACCOUNT_SID = `AC${'a'.repeat(32)}`;

/** Settings of a Service that gets all webhooks. */
export const ALL_WEBHOOKS: ServiceSettingsPatch = {
  postWebhookUrl: 'https://example.com/hooks',
  webhookFilters: ['onUserAdded', 'onUserUpdated'],
};

/** A log, a read model and a webhook enqueuer. Each advances only when the test tells it to. */
export class WebhookEnqueuerWorld {
  readonly log = new InMemoryEventStore();
  readonly readModel: SteppedReadModel = steppedReadModel(this.log);
  readonly #directory = mkdtempSync(join(tmpdir(), 'webhooks-'));
  readonly state: SqliteOperationalState = openSqliteOperationalState(
    join(this.#directory, 'state.db'),
  );
  readonly #users = userCommands(this.log);
  readonly #services = new AggregateCommandHandler(serviceAggregate, this.log, () => new Date(NOW));
  #commands = 0;

  /** Starts webhooks at the head of the log, as the first start of a worker does. */
  async begin(): Promise<void> {
    await this.state.webhookEnqueuerStore.begin(this.log.epoch, await this.log.head());
  }

  async service(settings: ServiceSettingsPatch | null): Promise<void> {
    const create = { type: 'CreateService', serviceSid: SERVICE_SID, friendlyName: 'x' } as const;
    await this.#onService(create);
    if (settings !== null) await this.change(settings);
  }

  async change(changes: ServiceSettingsPatch): Promise<void> {
    await this.#onService({ type: 'UpdateService', changes });
  }

  async toggle(reachabilityEnabled: boolean): Promise<void> {
    await this.#onService({ type: 'UpdateService', changes: {}, reachabilityEnabled });
  }

  async user(identity: string, command: UserCommand, actor = 'key:SK1'): Promise<void> {
    await this.#users.handle(streamOf(identity), command, this.#context(actor));
  }

  async open(identity: string, connectionSid: string): Promise<void> {
    const connection = { connectionSid, transport: 'http', node: null } as const;
    const command = { type: 'OpenConnection', deviceId: null, ttlSeconds: 300 } as const;
    await this.user(identity, { ...command, ...connection });
  }

  async close(identity: string, connectionSid: string): Promise<void> {
    const lastSeenAt = new Date().toISOString();
    const command = { type: 'CloseConnection', cause: 'clean', lastSeenAt } as const;
    await this.user(identity, { ...command, connectionSid });
  }

  /** Enqueues webhooks for all events of the log, as a worker that starts now. */
  async catchUp(log: EventStore = this.log): Promise<void> {
    const head = await this.log.head();
    const states = new WebhookStates(this.state.webhookEnqueuerStore, {
      log,
      readModel: this.readModel.users,
      deadLetters: async () => ({ blockedKeys: new Set<string>(), skipped: [] }),
      clock: async () => Date.now(),
      onQueued: () => undefined,
    });
    const projection = webhooksProjection({ accountSid: ACCOUNT_SID, epoch: this.log.epoch });
    await new Promise<void>((resolve) => {
      const wantedLog = new FilteredLog(log, (...until) => states.waitUntilWritten(...until));
      const runner = new ProjectionRunner(projection, wantedLog, states, {
        cachedStates: 0,
        retry: { baseMs: 1, capMs: 1 },
        onStatus: ({ position }) => {
          if ((position ?? '') >= (head ?? '')) void runner.stop().then(resolve);
        },
      });
      runner.start();
    });
  }

  /** All queued webhooks, oldest first. */
  async queued(): Promise<readonly Delivery[]> {
    const { rows } = await this.state.webhookQueue.list({}, { after: null }, 1_000);
    return [...rows].reverse();
  }

  /** Values of these parameters, for each queued webhook. */
  async queuedParameters(...names: readonly string[]): Promise<(string | undefined)[][]> {
    return (await this.queued()).map(({ parameters }) => {
      const given = new Map(parameters);
      return names.map((name) => given.get(name));
    });
  }

  dispose(): void {
    this.readModel.close();
    this.state.close();
    rmSync(this.#directory, { recursive: true });
  }

  async #onService(command: ServiceCommand): Promise<void> {
    await this.#services.handle(serviceStream(SERVICE_SID), command, this.#context('key:SK1'));
  }

  #context(actor: string) {
    this.#commands += 1;
    const commandId = `command ${this.#commands}`;
    return { commandId, correlationId: commandId, actor };
  }
}
