/** Injection tokens of what is an interface, and so has no class to be injected by. */
export const CLOCK = Symbol('Clock');
export const CREDENTIALS = Symbol('Credentials');
export const EVENT_STORE = Symbol('EventStore');
export const LEASE_STORE = Symbol('LeaseStore');
/** The prom-client Registry in which every part of the process counts. */
export const METRICS = Symbol('Metrics');
export const MONOTONIC = Symbol('Monotonic');
export const STORES = Symbol('Stores');
export const TIMELINE_READ_MODEL = Symbol('TimelineReadModel');
export const TTL_STORE = Symbol('TtlStore');
export const USERS_READ_MODEL = Symbol('UsersReadModel');

/** Time as the service knows it; tests inject another. */
export type Clock = () => Date;

/** Milliseconds since some moment, whatever happens to the clock on the wall: what durations are measured with. */
export type Monotonic = () => number;
