import type { ConnectionStateName } from './connection/state.ts';
import { unattended } from './deferred.ts';
import { Engine } from './engine.ts';
import { ReachabilityError } from './errors.ts';
import type { ClientEvents } from './events/client-events.ts';
import { Emitter } from './events/emitter.ts';
import { Listenable } from './events/listenable.ts';
import { settingsOf, type ChatClientOptions, type Settings } from './options.ts';
import type { PushType } from './protocol/client-frames.ts';
import { PushRegistrations, type PushRegistration } from './push-registrations.ts';
import { UserDescriptor } from './users/user-descriptor.ts';
import { isUserName, noUserName } from './users/user-name.ts';
import type { User } from './users/user.ts';
import type { Wish } from './users/wanted-users.ts';

/** Made by {@link ChatClient.create}: one connection of the User whom the token names. */
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
   * Connects, and gives a client once it is ready: the User of the token is online, and `user` shows it.
   *
   * @param token an access token, a JWT with a chat grant
   * @throws ReachabilityError `token_refused`, `no_service` and the like where trying again is no use, `timeout` with
   *   the last error as its cause otherwise, `invalid` for options
   */
  static create(token: string, options: ChatClientOptions): Promise<ChatClient> {
    return unattended(ChatClient.#create(token, options));
  }

  static async #create(token: string, options: ChatClientOptions): Promise<ChatClient> {
    const settings = settingsOf(options);
    const events = new Emitter<ClientEvents>(settings.report);
    const engine = new Engine(token, settings, events);
    const user = await opened(engine, events, settings);
    return new ChatClient(engine, user, events, settings.requestTimeoutMs);
  }

  /** The own User. */
  get user(): User {
    return this.#user;
  }

  /**
   * - `connecting`: an attempt is under way
   * - `connected`
   * - `disconnected`: the connection is lost, the next attempt is due within 30 s
   * - `denied`: the token is refused; `updateToken` goes on
   * - `closing`, `closed`: after `shutdown`
   * - `failed`: the client has given up; `connectionError` said why
   */
  get connectionState(): ConnectionStateName {
    return this.#engine.stateName;
  }

  /** Whether reachability is enabled for the Service. While it is not, it is null for every User. */
  get isReachabilityEnabled(): boolean {
    return this.#engine.isReachabilityEnabled;
  }

  /**
   * Subscribes to a User and gives it with its values, which change from then on.
   *
   * @param name the identity or the sid
   * @throws ReachabilityError `not_found` where there is no such User (see {@link ChatClient.waitForUser}),
   *   `invalid`, `too_many_watched`, `timeout`, `shut_down`
   */
  getUser(name: string): Promise<User> {
    return this.#subscribe(name, { isPatient: false, timeoutMs: this.#timeoutMs });
  }

  /**
   * As {@link ChatClient.getUser}, but where there is no such User it waits until there is one.
   *
   * @throws the signal's reason when it is aborted
   */
  waitForUser(name: string, options: { readonly signal?: AbortSignal } = {}): Promise<User> {
    return this.#subscribe(name, { isPatient: true, signal: options.signal });
  }

  /**
   * How a User stands now, without subscribing to it.
   *
   * @throws ReachabilityError `not_found`, `invalid`, `timeout`, `unavailable`, `shut_down`
   */
  getUserDescriptor(name: string): Promise<UserDescriptor> {
    if (!isUserName(name)) return unattended(Promise.reject<UserDescriptor>(noUserName(name)));
    return this.#engine.requests.ask({ type: 'get', user: name }, (answer) =>
      answer.type === 'user'
        ? new UserDescriptor(answer, () => this.getUser(answer.sid))
        : undefined,
    );
  }

  /** The own User, then the others in the order they were subscribed to. */
  getSubscribedUsers(): User[] {
    return this.#engine.subscriptions.users();
  }

  /**
   * Goes on with another token of the same identity and Service. Settles once the server has taken it.
   *
   * @throws ReachabilityError `token_refused`: the token before goes on counting until it expires
   */
  updateToken(token: string): Promise<void> {
    return unattended(this.#engine.useToken(token));
  }

  /**
   * Lets this device take push notifications, so that the own User is notifiable even while offline. An address of
   * the same type that this client registered before is replaced.
   *
   * @param endpoint names the device, where it may have several addresses over time
   * @throws ReachabilityError `invalid`, `timeout`, `unavailable`, `shut_down`
   */
  setPushRegistration(
    type: PushType,
    address: string,
    endpoint?: string,
  ): Promise<PushRegistration> {
    return unattended(this.#pushes.set(type, address, endpoint));
  }

  /**
   * Lets this device take no more push notifications.
   *
   * @param which a type that this client registered, or the sid of a registration from before
   * @throws ReachabilityError `not_found` for a type that this client did not register
   */
  unsetPushRegistration(which: string): Promise<void> {
    return unattended(this.#pushes.unset(which));
  }

  /** Says bye: the User is offline at once, unless it has other connections. Everything that waits is rejected. */
  shutdown(): Promise<void> {
    this.#engine.stop();
    return this.#engine.closed.promise;
  }

  #subscribe(name: string, wish: Wish): Promise<User> {
    if (!isUserName(name)) return unattended(Promise.reject<User>(noUserName(name)));
    return this.#engine.subscriptions.subscribe(name, wish);
  }
}

async function opened(
  engine: Engine,
  events: Emitter<ClientEvents>,
  { clock, createTimeoutMs }: Settings,
): Promise<User> {
  let cause: ReachabilityError | undefined;
  const remember = (error: ReachabilityError): void => {
    cause = error;
  };
  events.add('connectionError', remember);
  const cancel = clock.after(createTimeoutMs, () => {
    const last = cause === undefined ? '' : `: ${cause.message}`;
    const message = `No connection within ${createTimeoutMs} ms${last}`;
    engine.opened.reject(new ReachabilityError('timeout', message, { cause }));
  });
  engine.start();
  try {
    return await engine.opened.promise;
  } catch (error) {
    engine.stop();
    throw error;
  } finally {
    cancel();
    events.remove('connectionError', remember);
  }
}
