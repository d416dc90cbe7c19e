import { mkdirSync } from 'node:fs';
import { EventStoreError, LogRestoredError, type EventLog, type EventStore } from '#event-store';
import { LOOK_EVERY_MS } from '#event-store/adapters/sqlite/quiet-checkpoint';
import type { LeaseStore, NodeSlots, OperationalState } from '#operational-state';
import { DatabasePermissionError } from '#postgres/errors';
import { AwaitingWorkerError } from '#projections';
import type { ReadModel } from '#read-model';
import type { Settings } from '../settings/settings.ts';
import type { ChangeSignals } from '../use-cases/change-signals.ts';
import { openEventLog, openEventStore, type EventStoreSettings } from './event-stores.ts';
import type { DerivedStores, OpenDerivedStores } from './derived-stores.ts';
import { assertFollowersAreOfLog } from './followers.ts';
import {
  derivedStores,
  servingDerivedStores,
  type DerivedStoreSettings,
} from './open-derived-stores.ts';
import { claimLog } from './ownership/claim-log.ts';
import type { LogClaim } from './ownership/log-claim.ts';
import { openClaimed, type Claim } from './ownership/open-claimed.ts';

/** The stores of a process. */
export interface Stores {
  readonly events: EventStore;
  readonly readModel: ReadModel;
  readonly operations: OperationalState;
  readonly leases: LeaseStore;
  readonly nodeSlots: NodeSlots;
  /** See {@link DerivedStores}. */
  readonly signals: ChangeSignals | null;
  /** See {@link DerivedStores}. */
  readonly pools: DerivedStores['pools'];
  /** Why the log has got a new epoch when these stores were opened; null if it has not. */
  readonly restored: string | null;
  /** The right to write to the log; null where no other folder can reach the log, or the stores are only read. */
  readonly claim: LogClaim | null;
  close(): Promise<void>;
}

/** The settings that name the stores, and what to do about a restored log: rebuild by default. */
export type StoreSettings = EventStoreSettings &
  DerivedStoreSettings &
  Partial<Pick<Settings, 'ON_RESTORED_LOG'>>;

/** The stores that projecting the log needs. */
export interface ProjectionStores {
  readonly log: EventLog;
  readonly readModel: ReadModel;
  readonly operations: OperationalState;
  close(): Promise<void>;
}

/** Returns whether any store of the settings is a file in DATA_DIR. */
export function usesFiles({
  EVENT_STORE,
  DATABASE_URL,
}: Pick<StoreSettings, 'EVENT_STORE' | 'DATABASE_URL'>): boolean {
  return EVENT_STORE === 'sqlite' || DATABASE_URL === undefined;
}

/** Takes one line for the operator. */
type Report = (line: string) => void;

/** Where a process that serves requests reports that the log was restored, and that it waits for the right to write. */
export interface Reports {
  readonly restored: Report;
  readonly claim: Report;
}

const writeToStderr: Report = (line) => process.stderr.write(`${line}\n`);

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
  return openAndMend(settings, derivedStores(settings), () => Promise.resolve(null), report);
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
  return openAndMend(settings, derivedStores(settings), claim, report);
}

/** Like {@link openStoresToWrite}, for a process that serves requests: none of its writes waits for a file synchronously. */
export function openServingStores(settings: StoreSettings, report: Reports): Promise<Stores> {
  const claim: Claim = (events) => claimLog(settings, events, report.claim);
  return openAndMend(settings, servingDerivedStores(settings), claim, report.restored);
}

async function openAndMend(
  settings: StoreSettings,
  openDerived: OpenDerivedStores,
  claim: Claim,
  reportRestored: Report,
): Promise<Stores> {
  if (usesFiles(settings)) mkdirSync(settings.DATA_DIR, { recursive: true, mode: 0o700 });
  const events = await openEventStore(settings);
  const former = events.epoch;
  try {
    const stores = await openClaimed(events, claim, () => openStoresBeside(events, openDerived));
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
    const stores = await openClaimed(reopened, claim, () =>
      openStoresBeside(reopened, openDerived, error.message),
    );
    await startAnew(stores);
    reportRestored(`${error.message}. It has epoch ${epoch} now, and its read model is rebuilt`);
    return stores;
  }
}

/**
 * Returns the stores, once webhooks continue at the head of a log with a new epoch and answers to requests of the former
 * one are forgotten. Does nothing where another process has done so; closes the stores where it fails.
 *
 * @throws AwaitingWorkerError where this is for another process to do
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
    throw error instanceof DatabasePermissionError ? new AwaitingWorkerError(error) : error;
  }
}

function stopped({ message }: LogRestoredError): LogRestoredError {
  return new LogRestoredError(
    `${message}. ON_RESTORED_LOG=stop: put the newer log back, or set ON_RESTORED_LOG=rebuild`,
  );
}

/**
 * Opens the stores beside an event store. Closing them closes the event store, too, as does a failure to open them.
 *
 * @param restored see {@link Stores}
 * @throws LogRestoredError when the log lacks what these stores were derived from
 */
export async function openStoresBeside(
  events: EventStore,
  openDerived: OpenDerivedStores,
  restored: string | null = null,
): Promise<Stores> {
  const derived = await openWith(events, openDerived);
  try {
    await assertFollowersAreOfLog(events, derived);
  } catch (error) {
    await derived.close();
    throw error;
  }
  const { readModel, operations, leases, nodeSlots, signals, pools } = derived;
  return {
    events,
    readModel,
    operations,
    leases,
    nodeSlots,
    signals,
    pools,
    restored,
    claim: null,
    close: () => derived.close(),
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
  const derived = await openWith(log, derivedStores(settings));
  const timer = setInterval(() => derived.tidyWhenQuiet(), LOOK_EVERY_MS).unref();
  return {
    log,
    readModel: derived.readModel,
    operations: derived.operations,
    close: async () => {
      clearInterval(timer);
      await derived.close();
    },
  };
}

/** Opens the stores beside a log. Closing them closes the log first, as does a failure to open them. */
async function openWith(
  log: Pick<EventLog, 'epoch' | 'formerEpochs' | 'close'>,
  openDerived: OpenDerivedStores,
): Promise<DerivedStores> {
  try {
    const derived = await openDerived(log);
    return {
      ...derived,
      close: async () => {
        await log.close();
        await derived.close();
      },
    };
  } catch (error) {
    await log.close();
    throw error;
  }
}
