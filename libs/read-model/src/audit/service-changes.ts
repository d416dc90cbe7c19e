import {
  serviceDecider,
  serviceEventSchemas,
  watchPolicyOf,
  type ServiceEvent,
  type ServiceState,
} from '#domain';
import { byPosition, type RecordedEvent } from '#event-store';
import { effectiveTimes, toAuditedEvent, type AuditedEvent } from './effective-times.ts';
import { settingChanges, type SettingChange } from './setting-changes.ts';

/** An event that changed a Service, or an API key that is limited to it. */
export interface ServiceChange extends AuditedEvent {
  /** What it changed among the settings of the Service; empty for its creation, its deletion, and for keys. */
  readonly settings: readonly SettingChange[];
}

/** The changes of a Service, oldest first, and its state after them. */
export interface ServiceChanges {
  readonly state: ServiceState;
  readonly changes: readonly ServiceChange[];
}

/**
 * Returns every change of a Service and of the API keys that are limited to it. The settings are compared by their
 * names and values, whichever there are.
 *
 * @param history whole streams of the Service and of its keys, in any order
 * @throws UnknownEventTypeError, InvalidEventError
 */
export function serviceChanges(history: readonly RecordedEvent[]): ServiceChanges {
  let state = serviceDecider.initialState;
  const changes: ServiceChange[] = [];
  for (const audited of effectiveTimes(history.toSorted(byPosition)).map(toAuditedEvent)) {
    const before = state;
    if (isServiceEvent(audited.event)) state = serviceDecider.evolve(state, audited.event);
    changes.push({ ...audited, settings: changesBetween(before, state) });
  }
  return { state, changes };
}

function changesBetween(before: ServiceState, after: ServiceState): SettingChange[] {
  if (before.status !== 'active' || after.status !== 'active' || before === after) return [];
  return settingChanges(settingsOf(before), settingsOf(after));
}

type ActiveService = Extract<ServiceState, { status: 'active' }>;

function settingsOf({ settings, reachabilityEnabled }: ActiveService): object {
  return { reachabilityEnabled, ...settings, watchPolicy: watchPolicyOf(settings) };
}

function isServiceEvent(event: AuditedEvent['event']): event is ServiceEvent {
  return event.type in serviceEventSchemas;
}
