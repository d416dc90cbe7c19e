import { fork } from 'node:child_process';
import { join } from 'node:path';
import { describe } from '@jest/globals';
import type { Program } from '../../support/program.ts';
import { clientTree, isInstalled, type ClientTree } from '../../twilio-clients/trees.ts';

const CHILD = join(import.meta.dirname, 'sdk-child.mjs');
/** Longest wait for a call or an event, in milliseconds. */
const PATIENCE_MS = 60_000;

/** The newest release of each SDK. */
const NEWEST = {
  'twilio-chat': clientTree('twilio-chat-6.0'),
  '@twilio/conversations': clientTree('conversations-3.0'),
} as const;

export const SDKS = ['twilio-chat', '@twilio/conversations'] as const;
export type Sdk = (typeof SDKS)[number];

/** `describe` for tests of the newest SDKs. They are skipped where these are not installed. */
export const describeSdks = Object.values(NEWEST).every(isInstalled) ? describe : describe.skip;

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

export interface SdkEvent {
  readonly event: string;
  readonly value: unknown;
}

export interface SdkAnswer {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: { readonly message: string; readonly status: number | null };
}

export type SdkMessage = SdkAnswer | SdkEvent;

/** Where an SDK runs. */
export interface SdkHost {
  /** Sends a call to `sdk-driver.mjs`. */
  readonly send: (call: {
    readonly id: number;
    readonly call: string;
    readonly args: readonly unknown[];
  }) => void;
  /** Passes on each message of `sdk-driver.mjs` from now on. */
  readonly listen: (listener: (message: SdkMessage) => void) => void;
  /** Ends the SDK at once. */
  readonly kill: () => void;
}

/** An error that an SDK threw. */
export class SdkError extends Error {
  override readonly name = 'SdkError';
  readonly status: number | null;

  constructor({ message, status }: NonNullable<SdkAnswer['error']>) {
    super(message);
    this.status = status;
  }
}

/** One of Twilio's unmodified SDKs in a process of its own, with its events so far. */
export class SdkClient {
  static readonly #running = new Set<SdkClient>();
  readonly #host: SdkHost;
  readonly #calls = new Map<number, PromiseWithResolvers<unknown>>();
  /** Errors that the SDK left unhandled. */
  readonly failures: unknown[] = [];
  #events: SdkEvent[] = [];
  #wake: () => void = () => undefined;
  #nextId = 1;

  constructor(host: SdkHost) {
    this.#host = host;
    SdkClient.#running.add(this);
    host.listen((message) => {
      if ('event' in message) {
        if (message.event === 'unhandledRejection') this.failures.push(message.value);
        this.#events.push(message);
        this.#wake();
      } else this.#settle(message);
    });
  }

  /** Starts an SDK in a child process with an address and a token. It starts to connect. */
  static start(
    { url }: Pick<Program, 'url'>,
    sdk: Sdk | ClientTree,
    token: string,
    more: object = {},
  ): SdkClient {
    const tree = typeof sdk === 'string' ? NEWEST[sdk] : sdk;
    const options = { ...sdkOptions(url), ...more };
    const args = [tree.folder, tree.package, JSON.stringify(options), token];
    const child = fork(CHILD, args, { stdio: 'inherit' });
    return new SdkClient({
      send: (call) => void child.send(call),
      listen: (listener) => void child.on('message', listener),
      kill: () => void child.kill('SIGKILL'),
    });
  }

  /** Like {@link start}, but waits until the SDK is initialized. */
  static async ready(
    program: Pick<Program, 'url'>,
    sdk: Sdk | ClientTree,
    token: string,
  ): Promise<SdkClient> {
    const client = SdkClient.start(program, sdk, token);
    await client.call('initialized');
    return client;
  }

  /** Kills all running SDKs. */
  static killAll(): void {
    for (const client of SdkClient.#running) client.kill();
  }

  /** Kills the SDK. */
  kill(): void {
    SdkClient.#running.delete(this);
    this.#host.kill();
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
    this.#host.send({ id, call: name, args });
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

  #settle({ id, value, error }: SdkAnswer): void {
    const call = this.#calls.get(id);
    this.#calls.delete(id);
    if (error === undefined) call?.resolve(value);
    else call?.reject(new SdkError(error));
  }
}

/** The options of an application that moves to a server with this URL. */
export function sdkOptions(url: string): object {
  return { Twilsock: { uri: `${url.replace(/^http/, 'ws')}/v3/wsconnect` } };
}
