import type { Clock } from './clock.ts';
import { Connection } from './connection/connection.ts';
import type { ConnectionListener } from './connection/ports.ts';
import type { ConnectionStateName } from './connection/state.ts';
import { Deferred } from './deferred.ts';
import type { ReachabilityError } from './errors.ts';
import type { ClientEvents } from './events/client-events.ts';
import type { Emitter, Report } from './events/emitter.ts';
import type { Settings } from './options.ts';
import { DEFAULT_LIMITS, type ClientFrame, type FrameLimits } from './protocol/client-frames.ts';
import { Pacer } from './pacer.ts';
import { readError } from './protocol/read-error.ts';
import type { ErrorFrame, ReadyFrame, ServerFrame } from './protocol/server-frames.ts';
import { Requests } from './requests.ts';
import { streamUrl } from './stream-url.ts';
import { Tokens } from './tokens.ts';
import { Subscriptions, type SubscriptionsHost } from './users/subscriptions.ts';
import type { User, UserUpdate } from './users/user.ts';

/** The parts of a client wired together: frames find their way to them, and what they find out to the listeners. */
export class Engine implements ConnectionListener, SubscriptionsHost {
  readonly clock: Clock;
  readonly report: Report;
  readonly timeoutMs: number;
  readonly requests: Requests;
  readonly subscriptions: Subscriptions;
  /** The own User once the first Connection stands, or why it never will. */
  readonly opened = new Deferred<User>();
  /** Settles once nothing more will happen. */
  readonly closed = new Deferred<undefined>();
  readonly #pacer: Pacer;
  readonly #events: Emitter<ClientEvents>;
  readonly #connection: Connection;
  readonly #tokens: Tokens;
  #selfSid: string | null = null;
  #isReachabilityEnabled = false;
  #limits = DEFAULT_LIMITS;
  #lastId = 0;

  constructor(token: string, settings: Settings, events: Emitter<ClientEvents>) {
    this.clock = settings.clock;
    this.report = settings.report;
    this.timeoutMs = settings.requestTimeoutMs;
    this.#events = events;
    this.#pacer = new Pacer(settings.clock);
    this.requests = new Requests(this);
    this.subscriptions = new Subscriptions(this);
    this.#connection = new Connection(
      {
        ...settings,
        token,
        url: (fresh, connectionSid) =>
          streamUrl(settings, fresh, connectionSid, this.subscriptions.watermark),
      },
      this,
    );
    this.#tokens = new Tokens(settings, this.#connection, this.requests, (error) =>
      events.emit('connectionError', error),
    );
  }

  get stateName(): ConnectionStateName {
    return this.#connection.stateName;
  }

  get isReachabilityEnabled(): boolean {
    return this.#isReachabilityEnabled;
  }

  /** Of the server that the client is connected to, or was last. */
  get limits(): FrameLimits {
    return this.#limits;
  }

  start(): void {
    this.#connection.put({ type: 'start' });
  }

  stop(): void {
    this.#connection.put({ type: 'leave' });
  }

  useToken(token: string): Promise<void> {
    return this.#tokens.use(token);
  }

  isAttached(): boolean {
    return this.#connection.isAttached;
  }

  send(frame: ClientFrame): void {
    this.#connection.send(frame);
  }

  pace(task: () => void): void {
    this.#pacer.run(task);
  }

  nextId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }

  isSelf(sid: string): boolean {
    return sid === this.#selfSid;
  }

  subscribed(user: User): void {
    this.#events.emit('userSubscribed', user);
  }

  unsubscribed(user: User): void {
    this.#events.emit('userUnsubscribed', user);
  }

  updated(update: UserUpdate): void {
    this.#events.emit('userUpdated', update);
  }

  stateChanged(name: ConnectionStateName): void {
    if (name !== 'connected') {
      this.#tokens.stop();
      this.#pacer.reset();
    }
    this.#events.emit('connectionStateChanged', name);
  }

  attached(ready: ReadyFrame): void {
    const wasEnabled = this.#isReachabilityEnabled;
    this.#isReachabilityEnabled = ready.reachability_enabled;
    this.#limits = ready.limits;
    if (this.#selfSid === null) {
      this.#selfSid = ready.user_sid;
      this.subscriptions
        .subscribe(ready.user_sid, { isPatient: true })
        .then(this.opened.resolve, this.opened.reject);
    }
    this.#pacer.reset();
    this.subscriptions.attached(ready.resumed, ready.version);
    this.requests.attached();
    this.#tellOfSwitch(wasEnabled);
  }

  frame(frame: ServerFrame): void {
    switch (frame.type) {
      case 'service': {
        const wasEnabled = this.#isReachabilityEnabled;
        this.#isReachabilityEnabled = frame.reachability_enabled;
        this.subscriptions.receive(frame);
        this.#tellOfSwitch(wasEnabled);
        break;
      }
      case 'snapshot':
      case 'change':
      case 'gone':
      case 'resync':
        this.subscriptions.receive(frame);
        break;
      case 'unwatched':
        this.subscriptions.unwatched(frame.id);
        break;
      case 'user':
      case 'bound':
      case 'unbound':
      case 'token_accepted':
        this.requests.answer(frame);
        break;
      case 'error':
        this.#refused(frame);
        break;
      default:
        return;
    }
  }

  error(error: ReachabilityError): void {
    if (this.stateName === 'denied') {
      this.requests.refuseTokens(error);
      this.opened.reject(error);
    }
    this.#events.emit('connectionError', error);
  }

  tokenExpiring(expiresInMs: number): void {
    this.#events.emit('tokenAboutToExpire', { expiresInMs });
    this.#tokens.refresh();
  }

  tokenExpired(): void {
    this.#events.emit('tokenExpired', undefined);
  }

  ended(error: ReachabilityError): void {
    this.opened.reject(error);
    this.subscriptions.end(error);
    this.requests.end(error);
    this.closed.resolve(undefined);
  }

  #tellOfSwitch(wasEnabled: boolean): void {
    const isEnabled = this.#isReachabilityEnabled;
    if (isEnabled !== wasEnabled) this.#events.emit('reachabilityChanged', isEnabled);
  }

  #refused(frame: ErrorFrame): void {
    // After these the server closes the socket: what was asked is asked again on the next one.
    if (frame.id === null || frame.code === 'too_many_requests') return;
    const error = readError(frame);
    this.requests.refuse(frame.id, error);
    const isToReset = this.subscriptions.refuse(frame.id, error, frame.users);
    if (isToReset) this.#connection.put({ type: 'reset', error });
  }
}
