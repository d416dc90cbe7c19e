import { setTimeout as delay } from 'node:timers/promises';
import { errorMessage } from '#domain';
import { backOff, type BackOff } from '../../../command-handling/retry.ts';
import type { StoreHealthRecord } from '../../../store-health.ts';
import type { ConnectionSettings } from './connection-string.ts';
import { withTimeout } from '../failures.ts';
import { LeaderFinder } from './leader-finder.ts';
import { LogClientError } from '../log-client.ts';
import { openChannel, type NodeAddress } from './node-channel.ts';
import { NodeClient, type ClusterView } from './node-client.ts';
import { NodeConnection } from './node-connection.ts';

/** Milliseconds between two checks of a connection. */
const CHECK_EVERY_MS = 1_000;
/** Milliseconds without an answer to a check after which the node counts as down. */
const CHECK_TIMEOUT_MS = 2_000;
/** Milliseconds without an answer after which a node is not asked about its cluster any longer. */
const GOSSIP_TIMEOUT_MS = 1_000;
/** Milliseconds that a call waits for a connection: enough where the next node is there already. */
const WAIT_MS = 1_000;
/** Milliseconds without a connection after which calls fail at once. */
const PATIENCE_MS = 3_000;
const RECONNECT: BackOff = { baseMs: 50, capMs: 300 };

/** The answer of a node that is there, but does not take the request. */
const BUSY = /Server Is Too Busy/;

interface StoreConnectionOptions {
  readonly settings: ConnectionSettings;
  /** See `batch-append-lease.ts`. */
  readonly batches: boolean;
  /** Records whether a node answers. */
  readonly health: StoreHealthRecord;
}

/**
 * The one connection of this thread that reads and writes share. It is checked once a second, and at once after a call
 * has failed. When the node does not answer, or is no longer the leader of its cluster, all calls end, and the next node
 * is looked for until there is one. So no call waits for a node that another call knows to be down.
 */
export class StoreConnection {
  readonly #options: StoreConnectionOptions;
  readonly #finder: LeaderFinder;
  readonly #closing = new AbortController();
  readonly #running: Promise<void>;
  #current: NodeConnection | null = null;
  #connected = Promise.withResolvers<undefined>();
  #awaySince = performance.now();
  #problem = 'EventStoreDB has not answered yet';
  #checkNow = (): void => undefined;

  /** @throws InvalidConnectionStringError when a certificate cannot be read */
  constructor(options: StoreConnectionOptions) {
    this.#options = options;
    const { settings } = options;
    openChannel(settings.endpoints[0], settings).close();
    this.#finder = new LeaderFinder(settings, (node, signal) => this.#ask(node, signal));
    this.#running = this.#run();
  }

  /**
   * The connection to the node that is used at present. Waits for one; not by default where there has been none for long.
   *
   * @throws LogClientError `not_handled`, with the reason why there is none
   */
  async get(waitMs = this.#defaultWaitMs()): Promise<NodeConnection> {
    if (this.#current === null && waitMs > 0 && !this.#closing.signal.aborted) {
      const over = new AbortController();
      const waited = delay(waitMs, undefined, { signal: over.signal }).catch(() => undefined);
      await Promise.race([this.#connected.promise, waited]);
      over.abort();
    }
    if (this.#current === null) throw new LogClientError('not_handled', this.#problem);
    return this.#current;
  }

  #defaultWaitMs(): number {
    return performance.now() - this.#awaySince > PATIENCE_MS ? 0 : WAIT_MS;
  }

  /** Call it when a call has failed: checks whether the node is still there. */
  suspect(connection: NodeConnection): void {
    if (connection === this.#current) this.#checkNow();
  }

  /** Ends all calls. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#checkNow();
    this.#connected.resolve(undefined);
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    for (let failures = 1; !signal.aborted; failures += 1) {
      try {
        const connection = await this.#connect();
        failures = 0;
        this.#problem = await this.#watch(connection);
        this.#leave();
        await connection.close();
      } catch (error) {
        this.#problem = errorMessage(error);
        await backOff(RECONNECT, failures, signal);
      }
      if (!this.#isClosing()) this.#options.health.setReadFault(this.#problem);
    }
  }

  async #connect(): Promise<NodeConnection> {
    const { settings, batches, health } = this.#options;
    const node = await this.#finder.find();
    const requiresLeader = settings.discovery !== 'none';
    const connection = new NodeConnection(node, settings, { requiresLeader, batches });
    try {
      await withTimeout(CHECK_TIMEOUT_MS, connection.prepare(), () => silent(node));
    } catch (error) {
      await connection.close();
      throw error;
    }
    health.readSucceeded();
    this.#current = connection;
    this.#connected.resolve(undefined);
    return connection;
  }

  /** Returns why the connection cannot be used any longer. */
  async #watch(connection: NodeConnection): Promise<string> {
    for (;;) {
      if (!this.#isClosing()) await this.#untilNextCheck();
      if (this.#isClosing()) return 'The store is closed';
      const startedAt = performance.now();
      try {
        await withTimeout(CHECK_TIMEOUT_MS, connection.check(), () => silent(connection.node));
        this.#options.health.readSucceeded();
      } catch (error) {
        // Where the timer was late, this process was suspended or busy, and so perhaps was the reading of the answer.
        const wasLate = performance.now() - startedAt > 1.5 * CHECK_TIMEOUT_MS;
        if (!wasLate && !BUSY.test(errorMessage(error))) return errorMessage(error);
      }
    }
  }

  /** As a call, because the compiler assumes that the property does not change during a wait. */
  #isClosing(): boolean {
    return this.#closing.signal.aborted;
  }

  #leave(): void {
    this.#current = null;
    this.#awaySince = performance.now();
    this.#connected = Promise.withResolvers();
  }

  /** Does not keep the process alive. */
  #untilNextCheck(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, CHECK_EVERY_MS).unref();
      this.#checkNow = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async #ask(node: NodeAddress, signal: AbortSignal): Promise<ClusterView> {
    const client = new NodeClient(node, this.#options.settings);
    const close = (): void => void client.close();
    signal.addEventListener('abort', close, { once: true });
    return client.cluster(GOSSIP_TIMEOUT_MS);
  }
}

function silent({ host, port }: NodeAddress): LogClientError {
  return new LogClientError('unknown', `${host}:${port} gave no answer in ${CHECK_TIMEOUT_MS} ms`);
}
