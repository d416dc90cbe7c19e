import {
  apiKeyStream,
  nodeStream,
  reachabilityRegistry,
  serviceStream,
  userSid,
  userStream,
  type ApiKeyEvent,
  type CloseCause,
  type Incarnation,
  type ReachabilityEvent,
  type ServiceSettings,
} from '#domain';
import type { RecordedEvent } from '#event-store';

/** The Service of every {@link History}. */
export const SERVICE = `IS${'1'.repeat(32)}`;

const START = Date.parse('2026-03-04T05:00:00.000Z');
const STEP_MS = 60_000;

/** Builds a log of one Service, its User `alice` and nodes, with one event a minute. */
export class History {
  readonly events: RecordedEvent[] = [];
  #behindMs = 0;
  #hasUser = false;
  readonly ids = { serviceSid: SERVICE, userSid: userSid(SERVICE, 'alice') };

  get hasUser(): boolean {
    return this.#hasUser;
  }

  /** Time of an event by its index. */
  time(step: number): string {
    const event = this.events[step];
    if (event === undefined) throw new Error(`Unknown event ${step}`);
    return event.metadata.occurredAt;
  }

  /** Writes all later events with a clock that is behind. */
  clockBehind(ms: number): this {
    this.#behindMs = ms + STEP_MS;
    return this;
  }

  service(): this {
    const data = { serviceSid: SERVICE, friendlyName: 'Desk' };
    return this.#add(serviceStream(SERVICE), { type: 'ServiceCreated', data });
  }

  update(changes: Partial<ServiceSettings>): this {
    const data = { serviceSid: SERVICE, changes };
    return this.#add(serviceStream(SERVICE), { type: 'ServiceUpdated', data });
  }

  key(event: ApiKeyEvent): this {
    return this.#add(apiKeyStream(event.data.keySid), event);
  }

  enable(): this {
    return this.#ofService('ReachabilityEnabled');
  }

  disable(): this {
    return this.#ofService('ReachabilityDisabled');
  }

  removeService(): this {
    return this.#ofService('ServiceDeleted');
  }

  user(): this {
    this.#hasUser = true;
    const profile = { identity: 'alice', friendlyName: null, attributes: '{}', roleSid: null };
    return this.#ofUser({ type: 'UserCreated', data: { ...this.ids, ...profile } });
  }

  remove(): this {
    this.#hasUser = false;
    return this.#ofUser({ type: 'UserDeleted', data: this.ids });
  }

  open(connectionSid: string, node: Incarnation | null = null): this {
    const opened = { connectionSid, transport: 'stream', node, deviceId: null } as const;
    const data = { ...this.ids, ...opened, ttlSeconds: null };
    return this.#ofUser({ type: 'ConnectionOpened', data });
  }

  close(
    connectionSid: string,
    cause: CloseCause = 'clean',
    lastSeenAt: string = this.#nextTime(),
  ): this {
    const data = { ...this.ids, connectionSid, cause, lastSeenAt };
    return this.#ofUser({ type: 'ConnectionClosed', data });
  }

  bind(bindingSid: string): this {
    const binding = { bindingSid, bindingType: 'fcm', address: 'a', endpoint: 'e' } as const;
    return this.#ofUser({ type: 'BindingRegistered', data: { ...this.ids, ...binding } });
  }

  unbind(bindingSid: string): this {
    return this.#ofUser({ type: 'BindingRemoved', data: { ...this.ids, bindingSid } });
  }

  start(nodeId: string, incarnation: number): this {
    return this.#add(nodeStream(nodeId), { type: 'NodeStarted', data: { nodeId, incarnation } });
  }

  lose(nodeId: string, incarnation: number): this {
    return this.#add(nodeStream(nodeId), { type: 'NodeLost', data: { nodeId, incarnation } });
  }

  #ofService(type: 'ReachabilityEnabled' | 'ReachabilityDisabled' | 'ServiceDeleted'): this {
    return this.#add(serviceStream(SERVICE), { type, data: { serviceSid: SERVICE } });
  }

  #ofUser(event: ReachabilityEvent): this {
    return this.#add(userStream(this.ids.userSid), event);
  }

  #add(stream: string, event: ReachabilityEvent): this {
    const step = this.events.length;
    const id = `event-${step}`;
    this.events.push({
      id,
      ...reachabilityRegistry.encode(event),
      stream,
      revision: this.events.filter((other) => other.stream === stream).length,
      position: String(step + 1).padStart(20, '0'),
      metadata: {
        occurredAt: this.#nextTime(),
        correlationId: `request-${step}`,
        causationId: `command-${step}`,
        actor: 'cli',
      },
    });
    return this;
  }

  #nextTime(): string {
    const time = START + this.events.length * STEP_MS - this.#behindMs;
    return new Date(time).toISOString();
  }
}
