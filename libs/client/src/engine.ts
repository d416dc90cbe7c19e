import { authFrame } from './auth-frame.ts';
import { Connection } from './connection/connection.ts';
import type { ConnectionListener } from './connection/ports.ts';
import type { ConnectionStateName } from './connection/state.ts';
import { Deferred } from './deferred.ts';
import type { ReachabilityError } from './errors.ts';
import type { ClientEvents } from './events/client-events.ts';
import type { Emitter } from './events/emitter.ts';
import { FrameChannel } from './frame-channel.ts';
import type { Settings } from './options.ts';
import type { AuthFrame } from './protocol/client-frames.ts';
import { readError } from './protocol/read-error.ts';
import type { ErrorFrame, ReadyFrame, ServerFrame } from './protocol/server-frames.ts';
import type { Version } from './protocol/version.ts';
import { Requests } from './requests.ts';
import { Tokens } from './tokens.ts';
import { Subscriptions } from './users/subscriptions.ts';
import type { User } from './users/user.ts';

/** Wires the parts of a client: passes frames to requests and subscriptions, and emits the client's events. */
export class Engine implements ConnectionListener {
  readonly requests: Requests;
  readonly subscriptions: Subscriptions;
  /** Resolves with the own User once it is first known. Rejects if the client gives up before. */
  readonly ready = new Deferred<User>();
  /** Resolves after the last event. */
  readonly closed = new Deferred<undefined>();
  readonly #events: Emitter<ClientEvents>;
  readonly #connection: Connection;
  readonly #channel: FrameChannel;
  readonly #tokens: Tokens;
  #isReachabilityEnabled = false;

  constructor(token: string, settings: Settings, events: Emitter<ClientEvents>) {
    this.#events = events;
    const url = settings.streamUrl.href;
    const auth = (fresh: string, connectionSid: string | null): AuthFrame =>
      authFrame(settings, fresh, connectionSid, this.subscriptions.watermark);
    this.#connection = new Connection({ ...settings, token, url, auth }, this);
    this.#channel = new FrameChannel(this.#connection, settings.clock);
    this.requests = new Requests(this.#channel, settings);
    this.subscriptions = new Subscriptions(this.#channel, settings, events);
    this.#tokens = new Tokens(settings, this.#connection, this.requests, (error) =>
      events.emit('connectionError', error),
    );
  }

  get stateName(): ConnectionStateName {
    return this.#connection.stateName;
  }

  /** The highest version that any frame has told; null before the first connection. */
  get version(): Version | null {
    return this.#channel.version;
  }

  get isReachabilityEnabled(): boolean {
    return this.#isReachabilityEnabled;
  }

  start(): void {
    this.#connection.handle({ type: 'start' });
  }

  stop(): void {
    this.#connection.handle({ type: 'shutDown' });
  }

  useToken(token: string): Promise<void> {
    return this.#tokens.use(token);
  }

  onStateChanged(name: ConnectionStateName): void {
    if (name !== 'connected') {
      this.#tokens.stop();
      this.#channel.reset();
    }
    this.#events.emit('connectionStateChanged', name);
  }

  onReady(ready: ReadyFrame): void {
    this.#channel.learnVersion(ready.version);
    const wasEnabled = this.#isReachabilityEnabled;
    this.#isReachabilityEnabled = ready.reachability_enabled;
    this.#channel.limits = ready.limits;
    if (this.subscriptions.selfSid === null) {
      this.subscriptions.subscribeSelf(ready.user_sid).then(this.ready.resolve, this.ready.reject);
    }
    this.#channel.reset();
    this.subscriptions.resynchronize(ready.resumed, ready.version);
    this.requests.resend();
    this.#emitReachabilityChange(wasEnabled);
  }

  onFrame(frame: ServerFrame): void {
    if ('version' in frame && frame.version !== null) this.#channel.learnVersion(frame.version);
    switch (frame.type) {
      case 'service': {
        const wasEnabled = this.#isReachabilityEnabled;
        this.#isReachabilityEnabled = frame.reachability_enabled;
        this.subscriptions.receive(frame);
        this.#emitReachabilityChange(wasEnabled);
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
        this.requests.resolve(frame);
        break;
      case 'error':
        this.#handleError(frame);
        break;
      default:
        return;
    }
  }

  onError(error: ReachabilityError): void {
    if (this.stateName === 'denied') {
      this.requests.rejectTokens(error);
      this.ready.reject(error);
    }
    this.#events.emit('connectionError', error);
  }

  onTokenExpiring(expiresInMs: number): void {
    this.#events.emit('tokenAboutToExpire', { expiresInMs });
    this.#tokens.refresh();
  }

  onTokenExpired(): void {
    this.#events.emit('tokenExpired', undefined);
  }

  onEnded(error: ReachabilityError): void {
    this.ready.reject(error);
    this.subscriptions.end(error);
    this.requests.end(error);
    this.closed.resolve(undefined);
  }

  #emitReachabilityChange(wasEnabled: boolean): void {
    const isEnabled = this.#isReachabilityEnabled;
    if (isEnabled !== wasEnabled) this.#events.emit('reachabilityChanged', isEnabled);
  }

  #handleError(frame: ErrorFrame): void {
    // The server closes the socket after these. Requests are then sent again on the next one.
    if (frame.id === null || frame.code === 'too_many_requests') return;
    const error = readError(frame);
    this.requests.reject(frame.id, error);
    const needsReset = this.subscriptions.reject(frame.id, error, frame);
    if (needsReset) this.#connection.handle({ type: 'reset', error });
  }
}
