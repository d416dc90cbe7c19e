import { Socket } from 'node:net';
import { Client } from 'pg';
import { parseDatabaseUrl } from './connection-url.ts';
import type { Queries } from './database.ts';

/** All notifications of the program. Their payload is `TOPIC DETAIL`. */
const CHANNEL = 'reachability';

/** Milliseconds between two checks whether the connection still works, and longest time for an answer. */
const CHECK_EVERY_MS = 10_000;
const TIMEOUT_MS = 5_000;

/** Hears of a topic. From `onLost` to `onListening` notifications are missed. */
export interface NotificationListener {
  readonly onNotify: (detail: string) => void;
  /** Notifications arrive from now on: read what earlier ones would have told. */
  readonly onListening: () => void;
  readonly onLost: () => void;
}

export interface NotificationOptions {
  /** `postgres://` URL, as of a pool. It must not lead through a pooler that shares sessions. */
  readonly url: string;
  /** Shown by the database beside the connection. */
  readonly name: string;
  /** Waits before attempt number `attempt` (1 is the first after a loss) to connect again, until `signal` aborts. */
  readonly backOff: (attempt: number, signal: AbortSignal) => Promise<void>;
  readonly checkEveryMs?: number;
  readonly timeoutMs?: number;
}

/** Sends a notification to all processes once the transaction commits; never, if it rolls back. */
export async function notify(queries: Queries, topic: string, detail = ''): Promise<void> {
  await queries.query(`SELECT ${NOTIFY}`, [notification(topic, detail)]);
}

/** The expression that {@link notify} selects, for statements that do more. Its value is {@link notification}. */
export const NOTIFY = `pg_notify('${CHANNEL}', $1)`;

export function notification(topic: string, detail: string): string {
  return `${topic} ${detail}`;
}

/**
 * Notifications of one database, over a connection of their own that is made when somebody first listens. A lost
 * connection is made again.
 */
export class Notifications {
  readonly #options: NotificationOptions;
  readonly #listeners = new Map<string, Set<NotificationListener>>();
  readonly #stopping = new AbortController();
  #isListening = false;
  #running: Promise<void> | null = null;

  constructor(options: NotificationOptions) {
    this.#options = options;
  }

  /** Returns a function that removes the listener. */
  listen(topic: string, listener: NotificationListener): () => void {
    const listeners = this.#listeners.get(topic) ?? new Set();
    this.#listeners.set(topic, listeners.add(listener));
    if (this.#isListening) listener.onListening();
    this.#running ??= this.#run();
    return () => listeners.delete(listener);
  }

  async close(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    let failures = 0;
    while (!signal.aborted) {
      const wasListening = await this.#listenUntilLost(signal);
      failures = wasListening ? 1 : failures + 1;
      await this.#options.backOff(failures, signal);
    }
  }

  /** Returns whether it has listened before it lost the connection, or before the signal aborted. */
  async #listenUntilLost(signal: AbortSignal): Promise<boolean> {
    const { url, name, checkEveryMs = CHECK_EVERY_MS, timeoutMs = TIMEOUT_MS } = this.#options;
    const socket = new Socket();
    const client = new Client({
      ...parseDatabaseUrl(url),
      stream: () => socket,
      application_name: name,
      connectionTimeoutMillis: timeoutMs,
      query_timeout: timeoutMs,
      keepAlive: true,
    });
    const ended = Promise.withResolvers<undefined>();
    const end = (): void => ended.resolve(undefined);
    client.on('error', end).on('end', end);
    client.on('notification', ({ payload = '' }) => this.#dispatch(payload));
    signal.addEventListener('abort', end);
    // A server that is frozen or cut off does not end the connection.
    const check = setInterval(() => void client.query('SELECT 1').catch(end), checkEveryMs);
    try {
      await client.connect();
      await client.query(`LISTEN ${CHANNEL}`);
      this.#isListening = true;
      this.#forEach((listener) => listener.onListening());
      await ended.promise;
      return true;
    } catch {
      // Whoever uses the database for more than this reports that it cannot be reached.
      return false;
    } finally {
      clearInterval(check);
      signal.removeEventListener('abort', end);
      if (this.#isListening) {
        this.#isListening = false;
        this.#forEach((listener) => listener.onLost());
      }
      // Not awaited, and the process can end without it: a server that is frozen or cut off does not answer.
      client.end().catch(() => undefined);
      socket.unref();
    }
  }

  #dispatch(payload: string): void {
    const space = payload.indexOf(' ');
    const listeners = this.#listeners.get(payload.slice(0, space)) ?? [];
    for (const listener of listeners) listener.onNotify(payload.slice(space + 1));
  }

  #forEach(tell: (listener: NotificationListener) => void): void {
    for (const listeners of this.#listeners.values()) listeners.forEach(tell);
  }
}
