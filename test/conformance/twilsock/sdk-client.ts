import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type { Program } from '../../support/program.ts';

const CHILD = join(import.meta.dirname, 'sdk-child.mjs');
/** Longest that anything may take, in milliseconds. */
const PATIENCE_MS = 20_000;

export const SDKS = ['twilio-chat', '@twilio/conversations'] as const;
export type Sdk = (typeof SDKS)[number];

/** A User as either SDK shows it. */
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

interface Happened {
  readonly event: string;
  readonly value: unknown;
}

interface Answer {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: { readonly message: string; readonly status: number | null };
}

/** What an SDK refused, or was refused. */
export class SdkError extends Error {
  override readonly name = 'SdkError';
  readonly status: number | null;

  constructor({ message, status }: NonNullable<Answer['error']>) {
    super(message);
    this.status = status;
  }
}

/** One of Twilio's SDKs, unmodified, in a process of its own, and what has happened to it so far. */
export class SdkClient {
  static readonly #running = new Set<SdkClient>();
  readonly #child: ChildProcess;
  readonly #calls = new Map<number, PromiseWithResolvers<unknown>>();
  #happened: Happened[] = [];
  #wake: () => void = () => undefined;
  #nextId = 1;

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.on('message', (message: Answer | Happened) => {
      if ('event' in message) {
        this.#happened.push(message);
        this.#wake();
      } else this.#settle(message);
    });
  }

  /** Starts an SDK with nothing but an address and a token; it begins to connect. */
  static start({ url }: Pick<Program, 'url'>, sdk: Sdk, token: string): SdkClient {
    const options = { Twilsock: { uri: `${url.replace(/^http/, 'ws')}/v3/wsconnect` } };
    const child = fork(CHILD, [sdk, JSON.stringify(options), token], { stdio: 'inherit' });
    const client = new SdkClient(child);
    SdkClient.#running.add(client);
    return client;
  }

  /** As {@link start}, and settles once it is initialised. */
  static async ready(program: Pick<Program, 'url'>, sdk: Sdk, token: string): Promise<SdkClient> {
    const client = SdkClient.start(program, sdk, token);
    await client.call('initialized');
    return client;
  }

  /** Ends every SDK that was started, as a crash would. */
  static killAll(): void {
    for (const client of SdkClient.#running) client.kill();
  }

  /** Ends without a word. */
  kill(): void {
    SdkClient.#running.delete(this);
    this.#child.kill('SIGKILL');
  }

  /** @throws SdkError what the SDK throws */
  async call(name: string, ...args: readonly unknown[]): Promise<unknown> {
    const id = this.#nextId;
    this.#nextId += 1;
    const answer = Promise.withResolvers<unknown>();
    this.#calls.set(id, answer);
    this.#child.send({ id, call: name, args });
    const timer = setTimeout(() => answer.reject(new Error(`${name} took too long`)), PATIENCE_MS);
    return answer.promise.finally(() => clearTimeout(timer));
  }

  /** A User, subscribed to. What happened before is forgotten: an SDK calls what it reads at first an update too. */
  async getUser(identity: string): Promise<SdkUser> {
    const user = (await this.call('getUser', identity)) as SdkUser;
    this.forget();
    return user;
  }

  /** The next event of a name; what happened before it is forgotten. */
  async next(event: string, matches: (value: unknown) => boolean = () => true): Promise<unknown> {
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      const index = this.#happened.findIndex((one) => one.event === event && matches(one.value));
      if (index >= 0) return this.#happened.splice(0, index + 1).at(-1)?.value;
      if (Date.now() >= deadline) {
        throw new Error(`Waited in vain for ${event}: ${JSON.stringify(this.#happened)}`);
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        setTimeout(resolve, deadline - Date.now()).unref();
      });
    }
  }

  /** The next update of a User. */
  async updated(identity: string, reason?: string): Promise<UserUpdate> {
    const isIt = (value: unknown): boolean => {
      const update = value as UserUpdate;
      return (
        update.identity === identity && (reason === undefined || update.reasons.includes(reason))
      );
    };
    return (await this.next('userUpdated', isIt)) as UserUpdate;
  }

  /** Names of what has happened since the last {@link next}. */
  get unread(): readonly string[] {
    return this.#happened.map(({ event }) => event);
  }

  /** Forgets what has happened so far. */
  forget(): void {
    this.#happened = [];
  }

  #settle({ id, value, error }: Answer): void {
    const call = this.#calls.get(id);
    this.#calls.delete(id);
    if (error === undefined) call?.resolve(value);
    else call?.reject(new SdkError(error));
  }
}
