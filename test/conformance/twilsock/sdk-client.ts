import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type { Program } from '../../support/program.ts';

const CHILD = join(import.meta.dirname, 'sdk-child.mjs');
/** Longest wait for a call or an event, in milliseconds. */
const PATIENCE_MS = 20_000;

export const SDKS = ['twilio-chat', '@twilio/conversations'] as const;
export type Sdk = (typeof SDKS)[number];

/** A User in the form shared by both SDKs. */
export interface SdkUser {
  readonly identity: string;
  readonly friendlyName: string | null;
  readonly attributes: unknown;
  readonly online: boolean | null;
  readonly notifiable: boolean | null;
}

export interface UserUpdate extends SdkUser {
  readonly reasons: readonly string[];
}

interface SdkEvent {
  readonly event: string;
  readonly value: unknown;
}

interface Answer {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: { readonly message: string; readonly status: number | null };
}

/** An error that an SDK threw. */
export class SdkError extends Error {
  override readonly name = 'SdkError';
  readonly status: number | null;

  constructor({ message, status }: NonNullable<Answer['error']>) {
    super(message);
    this.status = status;
  }
}

/** One of Twilio's unmodified SDKs in a child process, with its events so far. */
export class SdkClient {
  static readonly #running = new Set<SdkClient>();
  readonly #child: ChildProcess;
  readonly #calls = new Map<number, PromiseWithResolvers<unknown>>();
  #events: SdkEvent[] = [];
  #wake: () => void = () => undefined;
  #nextId = 1;

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.on('message', (message: Answer | SdkEvent) => {
      if ('event' in message) {
        this.#events.push(message);
        this.#wake();
      } else this.#settle(message);
    });
  }

  /** Starts an SDK with an address and a token. It starts to connect. */
  static start(
    { url }: Pick<Program, 'url'>,
    sdk: Sdk,
    token: string,
    more: object = {},
  ): SdkClient {
    const options = { Twilsock: { uri: `${url.replace(/^http/, 'ws')}/v3/wsconnect` }, ...more };
    const child = fork(CHILD, [sdk, JSON.stringify(options), token], { stdio: 'inherit' });
    const client = new SdkClient(child);
    SdkClient.#running.add(client);
    return client;
  }

  /** Like {@link start}, but waits until the SDK is initialized. */
  static async ready(program: Pick<Program, 'url'>, sdk: Sdk, token: string): Promise<SdkClient> {
    const client = SdkClient.start(program, sdk, token);
    await client.call('initialized');
    return client;
  }

  /** Kills all running SDK processes. */
  static killAll(): void {
    for (const client of SdkClient.#running) client.kill();
  }

  /** Kills the process. */
  kill(): void {
    SdkClient.#running.delete(this);
    this.#child.kill('SIGKILL');
  }

  /**
   * Calls a method of the SDK and returns its result.
   *
   * @throws SdkError if the SDK throws
   */
  async call(name: string, ...args: readonly unknown[]): Promise<unknown> {
    const id = this.#nextId;
    this.#nextId += 1;
    const answer = Promise.withResolvers<unknown>();
    this.#calls.set(id, answer);
    this.#child.send({ id, call: name, args });
    const timer = setTimeout(() => answer.reject(new Error(`${name} timed out`)), PATIENCE_MS);
    return answer.promise.finally(() => clearTimeout(timer));
  }

  /** Gets and subscribes to a User. Drops earlier events, because an SDK reports its first read as an update. */
  async getUser(identity: string): Promise<SdkUser> {
    const user = (await this.call('getUser', identity)) as SdkUser;
    this.clearEvents();
    return user;
  }

  /** The next event with this name; drops the events before it. */
  async next(event: string, matches: (value: unknown) => boolean = () => true): Promise<unknown> {
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      const index = this.#events.findIndex((one) => one.event === event && matches(one.value));
      if (index >= 0) return this.#events.splice(0, index + 1).at(-1)?.value;
      if (Date.now() >= deadline) {
        throw new Error(`Timed out waiting for ${event}: ${JSON.stringify(this.#events)}`);
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        setTimeout(resolve, deadline - Date.now()).unref();
      });
    }
  }

  /** The next update of a User. */
  async updated(identity: string, reason?: string): Promise<UserUpdate> {
    const matches = (value: unknown): boolean => {
      const update = value as UserUpdate;
      return (
        update.identity === identity && (reason === undefined || update.reasons.includes(reason))
      );
    };
    return (await this.next('userUpdated', matches)) as UserUpdate;
  }

  /** Names of the events since the last {@link next}. */
  get unreadEvents(): readonly string[] {
    return this.#events.map(({ event }) => event);
  }

  /** Drops all events so far. */
  clearEvents(): void {
    this.#events = [];
  }

  #settle({ id, value, error }: Answer): void {
    const call = this.#calls.get(id);
    this.#calls.delete(id);
    if (error === undefined) call?.resolve(value);
    else call?.reject(new SdkError(error));
  }
}
