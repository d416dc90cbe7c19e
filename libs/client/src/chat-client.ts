import type { ConnectionStateName } from './connection/state.ts';
import { ignoreUnhandled } from './deferred.ts';
import { Engine } from './engine.ts';
import { ReachabilityError } from './errors.ts';
import type { ClientEvents } from './events/client-events.ts';
import { Emitter } from './events/emitter.ts';
import { Listenable } from './events/listenable.ts';
import { settingsOf, type ChatClientOptions, type Settings } from './options.ts';
import type { PushType } from './protocol/client-frames.ts';
import { PushRegistrations, type PushRegistration } from './push-registrations.ts';
import { UserDescriptor } from './users/user-descriptor.ts';
import { isUserName, invalidUserName } from './users/user-name.ts';
import type { User } from './users/user.ts';
import type { SubscribeOptions } from './users/pending-subscriptions.ts';

/** Client of the User that the access token names, made by {@link ChatClient.create}. */
export class ChatClient extends Listenable<ClientEvents> {
  readonly #engine: Engine;
  readonly #user: User;
  readonly #timeoutMs: number;
  readonly #pushes: PushRegistrations;

  private constructor(
    engine: Engine,
    user: User,
    events: Emitter<ClientEvents>,
    timeoutMs: number,
  ) {
    super(events);
    this.#engine = engine;
    this.#user = user;
    this.#timeoutMs = timeoutMs;
    this.#pushes = new PushRegistrations(engine.requests);
  }

  /**
   * Connects and returns a client that is ready: the own User is online, and `user` shows it.
   *
   * @param token an access token: a JWT with a chat grant
   * @throws ReachabilityError `invalid` for options; `token_refused`, `no_service` and the like if a retry is useless;
   *   otherwise `timeout` with the last error as its cause
   */
  static create(token: string, options: ChatClientOptions): Promise<ChatClient> {
    return ignoreUnhandled(ChatClient.#create(token, options));
  }

  static async #create(token: string, options: ChatClientOptions): Promise<ChatClient> {
    const settings = settingsOf(options);
    const events = new Emitter<ClientEvents>(settings.report);
    const engine = new Engine(token, settings, events);
    const user = await connect(engine, events, settings);
    return new ChatClient(engine, user, events, settings.requestTimeoutMs);
  }

  /** The own User. */
  get user(): User {
    return this.#user;
  }

  /**
   * - `connecting`: an attempt is in progress
   * - `connected`
   * - `disconnected`: the connection is lost, the next attempt starts within 30 s
   * - `denied`: the token is refused; call `updateToken` to continue
   * - `closing`, `closed`: after `shutdown`
   * - `failed`: the client has given up; `connectionError` has the reason
   */
  get connectionState(): ConnectionStateName {
    return this.#engine.stateName;
  }

  /**
   * The highest version that this client was told. It sends it with its own reads, so that they show at least as much on
   * every node. Send it with requests to the REST API in the header `X-Reachability-Version` for the same effect.
   */
  get version(): string | null {
    return this.#engine.version;
  }

  /** Whether reachability is enabled for the Service. While it is not, every User's is null. */
  get isReachabilityEnabled(): boolean {
    return this.#engine.isReachabilityEnabled;
  }

  /**
   * Subscribes to a User and returns it. Its values are live.
   *
   * @param name the identity or the sid
   * @throws ReachabilityError `not_found` (see {@link ChatClient.waitForUser}), `invalid`, `too_many_watched`, `timeout`,
   *   `shut_down`; the signal's reason when it is aborted
   */
  getUser(name: string, options: { readonly signal?: AbortSignal } = {}): Promise<User> {
    const { signal } = options;
    return this.#subscribe(name, {
      waitUntilExists: false,
      timeoutMs: this.#timeoutMs,
      signal,
    });
  }

  /**
   * As {@link ChatClient.getUser}, but waits until the User exists.
   *
   * @throws the signal's reason when it is aborted
   */
  waitForUser(name: string, options: { readonly signal?: AbortSignal } = {}): Promise<User> {
    return this.#subscribe(name, { waitUntilExists: true, signal: options.signal });
  }

  /**
   * Returns the present state of a User without subscribing to it.
   *
   * @throws ReachabilityError `not_found`, `invalid`, `timeout`, `unavailable`, `shut_down`
   */
  getUserDescriptor(name: string): Promise<UserDescriptor> {
    if (!isUserName(name))
      return ignoreUnhandled(Promise.reject<UserDescriptor>(invalidUserName(name)));
    return this.#engine.requests.send({ type: 'get', user: name }, (answer) =>
      answer.type === 'user'
        ? new UserDescriptor(answer, () => this.getUser(answer.sid))
        : undefined,
    );
  }

  /** Returns the own User, then the others in the order of subscription. */
  getSubscribedUsers(): User[] {
    return this.#engine.subscriptions.users();
  }

  /**
   * Replaces the access token by another one of the same identity and Service. Settles once the server has accepted it.
   *
   * @throws ReachabilityError `token_refused`; the former token stays in use until it expires
   */
  updateToken(token: string): Promise<void> {
    return ignoreUnhandled(this.#engine.useToken(token));
  }

  /**
   * Registers this device for push notifications, so that the own User is notifiable even while offline. Replaces the
   * address that this client registered before for the same type.
   *
   * @param endpoint identifies the device, whose address may change over time
   * @throws ReachabilityError `invalid`, `timeout`, `unavailable`, `shut_down`
   */
  setPushRegistration(
    type: PushType,
    address: string,
    endpoint?: string,
  ): Promise<PushRegistration> {
    return ignoreUnhandled(this.#pushes.set(type, address, endpoint));
  }

  /**
   * Removes a push registration.
   *
   * @param which a type that this client registered, or the sid of an earlier registration
   * @throws ReachabilityError `not_found` for a type that this client did not register
   */
  unsetPushRegistration(which: string): Promise<void> {
    return ignoreUnhandled(this.#pushes.unset(which));
  }

  /** Disconnects: the User is offline at once, unless it has other connections. Pending promises are rejected. */
  shutdown(): Promise<void> {
    this.#engine.stop();
    return this.#engine.closed.promise;
  }

  #subscribe(name: string, options: SubscribeOptions): Promise<User> {
    if (!isUserName(name)) return ignoreUnhandled(Promise.reject<User>(invalidUserName(name)));
    return this.#engine.subscriptions.subscribe(name, options);
  }
}

/** Starts the engine and returns the own User. */
async function connect(
  engine: Engine,
  events: Emitter<ClientEvents>,
  { clock, createTimeoutMs }: Settings,
): Promise<User> {
  let cause: ReachabilityError | undefined;
  const noteError = (error: ReachabilityError): void => {
    cause = error;
  };
  events.add('connectionError', noteError);
  const cancel = clock.after(createTimeoutMs, () => {
    const last = cause === undefined ? '' : `: ${cause.message}`;
    const message = `No connection within ${createTimeoutMs} ms${last}`;
    engine.ready.reject(new ReachabilityError('timeout', message, { cause }));
  });
  engine.start();
  try {
    return await engine.ready.promise;
  } catch (error) {
    engine.stop();
    throw error;
  } finally {
    cancel();
    events.remove('connectionError', noteError);
  }
}
