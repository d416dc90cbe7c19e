import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { EventStoreError, LogRestoredError, type EventLog, type EventStore } from '#event-store';
import { LOOK_EVERY_MS } from '#event-store/adapters/sqlite/quiet-checkpoint';
import { FileLeaseStore } from '#operational-state/adapters/files/file-lease-store';
import type { LeaseStore, OperationalState } from '#operational-state';
import { openSqliteOperationalState } from '#operational-state/adapters/sqlite/index';
import { openOperationalStateInThread } from '#operational-state/adapters/sqlite/thread/index';
import { openSqliteReadModel, type SqliteReadModel } from '#read-model/adapters/sqlite/index';
import type { Settings } from '../settings/settings.ts';
import { assertFollowersAreOfLog } from './followers.ts';
import { claimLog } from './ownership/claim-log.ts';
import type { LogClaim } from './ownership/log-claim.ts';

/** The stores of a process. */
export interface Stores {
  readonly events: EventStore;
  readonly readModel: SqliteReadModel;
  readonly operations: OperationalState;
  readonly leases: LeaseStore;
  /** Why the log has got a new epoch when these stores were opened; null if it has not. */
  readonly restored: string | null;
  /** The right to write to the log; null where no other folder can reach the log, or the stores are only read. */
  readonly claim: LogClaim | null;
  close(): Promise<void>;
}

/** The settings that name the stores, and what to do about a restored log: rebuild by default. */
export type StoreSettings = Pick<
  Settings,
  'DATA_DIR' | 'EVENT_STORE' | 'EVENTSTOREDB_URL' | 'CLOCK_LEAD_SECONDS'
> &
  Partial<Pick<Settings, 'ON_RESTORED_LOG'>>;

/** The stores that projecting the log needs. */
export interface ProjectionStores {
  readonly log: EventLog;
  readonly readModel: SqliteReadModel;
  readonly operations: OperationalState;
  close(): Promise<void>;
}

/** Returns whether the event store of the settings exists; EventStoreDB always does. */
export function hasEventStore({ EVENT_STORE, DATA_DIR }: StoreSettings): boolean {
  return EVENT_STORE !== 'sqlite' || existsSync(eventsFile(DATA_DIR));
}

/** Opens the file of operational state. */
type OpenOperationalState = (path: string) => OperationalState | Promise<OperationalState>;

/** Takes one line for the operator. */
type Report = (line: string) => void;

/** Where a process that serves requests reports that the log was restored, and that it waits for the right to write. */
export interface Reports {
  readonly restored: Report;
  readonly claim: Report;
}

const writeToStderr: Report = (line) => process.stderr.write(`${line}\n`);

/** Takes the right to write to a log; null where nothing is written, or nobody else can. */
type Claim = (events: EventStore) => Promise<LogClaim | null>;

/**
 * Opens the stores of the settings for a command; creates those that do not exist. Where the log was restored from an older copy, it
 * gets a new epoch, and what was derived from it is discarded.
 *
 * @throws LogRestoredError instead, with ON_RESTORED_LOG=stop
 */
export function openStores(
  settings: StoreSettings,
  report: Report = writeToStderr,
): Promise<Stores> {
  return openAndMend(settings, openSqliteOperationalState, () => Promise.resolve(null), report);
}

/**
 * Like {@link openStores}, for a command that changes something.
 *
 * @throws LogInUseError where processes of another data folder use the same log
 */
export function openStoresToWrite(
  settings: StoreSettings,
  report: Report = writeToStderr,
): Promise<Stores> {
  const claim: Claim = (events) => claimLog(settings, events, report);
  return openAndMend(settings, openSqliteOperationalState, claim, report);
}

/** Like {@link openStoresToWrite}, for a process that serves requests: none of its writes waits for a file synchronously. */
export function openServingStores(settings: StoreSettings, report: Reports): Promise<Stores> {
  const claim: Claim = (events) => claimLog(settings, events, report.claim);
  return openAndMend(settings, openOperationalStateInThread, claim, report.restored);
}

async function openAndMend(
  settings: StoreSettings,
  openOperationalState: OpenOperationalState,
  claim: Claim,
  reportRestored: Report,
): Promise<Stores> {
  mkdirSync(settings.DATA_DIR, { recursive: true, mode: 0o700 });
  const events = await openEventStore(settings);
  const former = events.epoch;
  try {
    const stores = await openClaimed(events, claim, settings.DATA_DIR, openOperationalState);
    return await startAnew(stores);
  } catch (error) {
    if (!(error instanceof EventStoreError)) throw error;
    const isRestored = error instanceof LogRestoredError;
    if (isRestored && settings.ON_RESTORED_LOG === 'stop') throw stopped(error);
    if (isRestored) await renewEpoch(settings, former);
    const reopened = await openEventStore(settings);
    const { epoch } = reopened;
    if (epoch === former) {
      await reopened.close();
      throw error;
    }
    const stores = await openClaimed(
      reopened,
      claim,
      settings.DATA_DIR,
      openOperationalState,
      error.message,
    );
    await startAnew(stores);
    reportRestored(`${error.message}. It has epoch ${epoch} now, and its read model is rebuilt`);
    return stores;
  }
}

/** Like {@link openStoresBeside}, once the right to write to the log is taken. Closing the stores gives it back. */
async function openClaimed(
  events: EventStore,
  takeClaim: Claim,
  directory: string,
  openOperationalState: OpenOperationalState,
  restored: string | null = null,
): Promise<Stores> {
  let claim: LogClaim | null;
  try {
    claim = await takeClaim(events);
  } catch (error) {
    await events.close();
    throw error;
  }
  try {
    const stores = await openStoresBeside(events, directory, openOperationalState, restored);
    const close = async (): Promise<void> => {
      await claim?.release();
      await stores.close();
    };
    return { ...stores, claim, close };
  } catch (error) {
    await claim?.leaveToSuccessor();
    throw error;
  }
}

/**
 * Returns the stores, once webhooks continue at the head of a log with a new epoch and answers to requests of the former
 * one are forgotten. Does nothing where another process has done so; closes the stores where it fails.
 */
async function startAnew(stores: Stores): Promise<Stores> {
  const { events, operations, restored } = stores;
  const { webhookEnqueuerStore: webhooks, idempotency } = operations;
  try {
    const followed = await webhooks.epoch();
    const isNew = followed === null && restored === null;
    if (followed === events.epoch || isNew) return stores;
    await idempotency.clear();
    await webhooks.begin(events.epoch, await events.head());
    return stores;
  } catch (error) {
    await stores.close();
    throw error;
  }
}

function stopped({ message }: LogRestoredError): LogRestoredError {
  return new LogRestoredError(
    `${message}. ON_RESTORED_LOG=stop: put the newer log back, or set ON_RESTORED_LOG=rebuild`,
  );
}

/**
 * Opens the stores in a directory that accompany an event store. Closing them closes the event store, too, as does a
 * failure to open them.
 *
 * @param restored see {@link Stores}
 * @throws LogRestoredError when the log lacks what these stores were derived from
 */
export async function openStoresBeside(
  events: EventStore,
  directory: string,
  openOperationalState: OpenOperationalState = openSqliteOperationalState,
  restored: string | null = null,
): Promise<Stores> {
  const beside = await openLocalStores(events, directory, openOperationalState);
  try {
    await assertFollowersAreOfLog(events, beside);
  } catch (error) {
    await beside.close();
    throw error;
  }
  return {
    events,
    ...beside,
    leases: new FileLeaseStore(join(directory, 'nodes')),
    restored,
    claim: null,
  };
}

/** Renews the epoch unless it is another than `former` by now: another process was first. */
async function renewEpoch(settings: StoreSettings, former: string): Promise<void> {
  const events = await openEventStore(settings);
  try {
    await events.renewEpoch(former);
  } finally {
    await events.close();
  }
}

/** Opens the stores for a projection thread, in addition to those that its process has open. */
export async function openProjectionStores(settings: StoreSettings): Promise<ProjectionStores> {
  const log = await openEventLog(settings);
  const stores = await openLocalStores(log, settings.DATA_DIR, openSqliteOperationalState);
  const timer = setInterval(() => stores.readModel.checkpointWhenQuiet(), LOOK_EVERY_MS).unref();
  return {
    log,
    ...stores,
    close: async () => {
      clearInterval(timer);
      await stores.close();
    },
  };
}

/** Opens the stores in DATA_DIR that accompany a log. Closing them closes the log, too, as does a failure to open them. */
async function openLocalStores(
  log: Pick<EventLog, 'epoch' | 'formerEpochs' | 'close'>,
  dataDir: string,
  openOperationalState: OpenOperationalState,
): Promise<Pick<ProjectionStores, 'readModel' | 'operations' | 'close'>> {
  const opened: (() => void | Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    await log.close();
    for (const closeOne of opened) await closeOne();
  };
  try {
    const path = join(dataDir, 'read-model.db');
    const readModel = openSqliteReadModel(path, log.epoch, log.formerEpochs);
    opened.push(() => readModel.close());
    const operations = await openOperationalState(join(dataDir, 'state.db'));
    opened.push(() => operations.close());
    return { readModel, operations, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Loads only the adapter that the settings choose: the EventStoreDB client takes half a second to load. */
export async function openEventStore(settings: StoreSettings): Promise<EventStore> {
  const shared = await openEventStoreDb(settings);
  if (shared !== null) return shared;
  const adapter = await import('#event-store/adapters/sqlite/index');
  return adapter.openSqliteEventStore({
    path: eventsFile(settings.DATA_DIR),
    clockLeadMs: settings.CLOCK_LEAD_SECONDS * 1_000,
  });
}

async function openEventLog(settings: StoreSettings): Promise<EventLog> {
  const shared = await openEventStoreDb(settings);
  if (shared !== null) return shared;
  const adapter = await import('#event-store/adapters/sqlite/index');
  return adapter.openSqliteEventLog({ path: eventsFile(settings.DATA_DIR) });
}

/** Returns the EventStoreDB store, null if the settings choose SQLite. */
async function openEventStoreDb(settings: StoreSettings): Promise<EventStore | null> {
  const { EVENT_STORE, EVENTSTOREDB_URL: url } = settings;
  if (url === undefined || EVENT_STORE !== 'eventstoredb') return null;
  const adapter = await import('#event-store/adapters/eventstoredb/index');
  return adapter.openEventStoreDbEventStore({
    url,
    clockLeadMs: settings.CLOCK_LEAD_SECONDS * 1_000,
  });
}

/** Returns the path of the embedded event store. */
export function eventsFile(dataDir: string): string {
  return join(dataDir, 'events.db');
}
