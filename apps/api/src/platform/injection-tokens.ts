/** Injection tokens of interfaces, which have no class that Nest could inject by. */
export const CLOCK = Symbol('Clock');
export const CREDENTIALS = Symbol('Credentials');
export const EVENT_STORE = Symbol('EventStore');
export const IDEMPOTENCY_STORE = Symbol('IdempotencyStore');
export const LEASE_STORE = Symbol('LeaseStore');
export const NODE_SLOTS = Symbol('NodeSlots');
/** The prom-client Registry of the process. */
export const METRICS = Symbol('Metrics');
export const MONOTONIC = Symbol('Monotonic');
/** Starts the service over with new stores: the log that it serves was restored. */
export const ON_LOG_RESTORED = Symbol('OnLogRestored');
/** A StoreHealthRecord of the store that has the read model. */
export const READ_MODEL_HEALTH = Symbol('ReadModelHealth');
/** The clock that all processes share: deadlines in operational state are its times. */
export const SHARED_CLOCK = Symbol('SharedClock');
export const SUMMARY_READ_MODEL = Symbol('SummaryReadModel');
export const STORES = Symbol('Stores');
export const TIMELINE_READ_MODEL = Symbol('TimelineReadModel');
/** Tracing of the process; null where it is off. */
export const TRACING = Symbol('Tracing');
export const TTL_STORE = Symbol('TtlStore');
export const USERS_READ_MODEL = Symbol('UsersReadModel');

/** The current time; tests inject another clock. */
export type Clock = () => Date;

/** Milliseconds since an arbitrary moment, for durations: changes of the system clock do not affect it. */
export type Monotonic = () => number;
