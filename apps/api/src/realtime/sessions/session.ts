import { isSameGrant, mayWatch, type CloseCause, type WatchGrant } from '#domain';
import type { Position } from '#event-store';
import type { AccessToken } from '../../platform/access-tokens/access-tokens.ts';
import type { SecretRef } from '../../platform/api-keys/api-key-directory.ts';
import type { Clock } from '../../platform/injection-tokens.ts';
import { LivenessTimer } from './liveness-timer.ts';
import type { ServiceRules } from './service-rules.ts';
import type { DisconnectReason, SessionClient } from './session-client.ts';
import { WheelTimer, type TimingWheel } from './timing-wheel.ts';

/** Why and as of when a Connection closed. */
export interface CloseDetails {
  readonly cause: CloseCause;
  /** ISO time of the client's last sign of life. */
  readonly lastSeenAt: string;
}

/** Shared by the sessions of a process. */
export interface SessionContext {
  readonly wheel: TimingWheel;
  readonly clock: Clock;
  /** Called once for each session when it ends; with details if this process has to record the close. */
  onEnd(session: Session, details: CloseDetails | null): void;
}

/** Of the Connection that a session holds, and of its User. */
interface SessionSids {
  readonly userSid: string;
  readonly connectionSid: string;
}

interface Detachment {
  /** On the monotonic clock. */
  readonly at: number;
  readonly details: CloseDetails;
}

/**
 * One Connection that a client of this process holds: attached to a socket, detached for the grace period, or ended.
 * It has one timer in the wheel, for whichever comes first: ping, pong, token expiry, end of the grace period.
 */
export class Session extends WheelTimer {
  readonly connectionSid: string;
  readonly userSid: string;
  readonly identity: string;
  readonly service: ServiceRules;
  readonly #context: SessionContext;
  /** On the monotonic clock. */
  readonly #liveness: LivenessTimer;
  #client: SessionClient;
  #signedBy: SecretRef | null;
  #position: Position | null = null;
  #tokenIssuedAt: number | null;
  #watchGrant: WatchGrant;
  /** Grows when a token brings another grant. */
  #grantRevision = 0;
  #isEnded = false;
  #isMoved = false;
  #detached: Detachment | null = null;

  constructor(
    context: SessionContext,
    { identity, signedBy, issuedAt, watchGrant }: AccessToken,
    service: ServiceRules,
    { userSid, connectionSid }: SessionSids,
    client: SessionClient,
  ) {
    super();
    this.#context = context;
    this.service = service;
    this.connectionSid = connectionSid;
    this.userSid = userSid;
    this.identity = identity;
    this.#client = client;
    this.#signedBy = signedBy;
    this.#tokenIssuedAt = issuedAt;
    this.#watchGrant = watchGrant;
    this.#liveness = new LivenessTimer(context.wheel.now);
  }

  get serviceSid(): string {
    return this.service.serviceSid;
  }

  /** Current grace period of its Service, in milliseconds. */
  get graceMs(): number {
    return this.service.graceMs;
  }

  /** Position of its ConnectionOpened in the log. */
  get position(): Position {
    if (this.#position === null) throw new Error(`${this.connectionSid} is not open yet`);
    return this.#position;
  }

  /** Time of issue of its current token, in seconds since 1970; null if the token has none. */
  get tokenIssuedAt(): number | null {
    return this.#tokenIssuedAt;
  }

  /** Users that its current token grants. */
  get watchGrant(): WatchGrant {
    return this.#watchGrant;
  }

  /** Grows whenever its client may watch other Users than before. */
  get accessRevision(): number {
    return this.service.policyRevision + this.#grantRevision;
  }

  /** Whether its client may watch other Users than the last time that it was connected, by this Connection or another. */
  get mayHaveMissedAccess(): boolean {
    return this.service.hasSetWatchPolicy;
  }

  /** Whether its client may watch an identity of its Service. One that it may not watch does not exist for it. */
  mayWatch(identity: string): boolean {
    return mayWatch(this.service.watchPolicy, this, identity);
  }

  get isOpening(): boolean {
    return this.#position === null && !this.#isEnded;
  }

  get isAttached(): boolean {
    return this.#position !== null && !this.#isEnded && !this.#isMoved && this.#detached === null;
  }

  get isDetached(): boolean {
    return !this.#isEnded && this.#detached !== null;
  }

  /** Whether {@link move} was called. */
  get isMoved(): boolean {
    return this.#isMoved;
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** Starts the session, whose ConnectionOpened is durable: checks the client's liveness from now on. */
  start(position: Position, token: AccessToken): void {
    this.#position = position;
    this.#startLiveness(token);
  }

  /**
   * Ends a session that did not open, without notifying its client.
   *
   * @param mayBeOpen whether its ConnectionOpened may be in the log: the close is recorded then
   */
  openFailed(mayBeOpen: boolean): void {
    const lastSeenAt = this.#timeOf(this.#liveness.seenAt);
    this.#end(mayBeOpen ? { cause: 'abrupt', lastSeenAt } : null);
  }

  /** The client has sent something or answered a ping. */
  markSeen(): void {
    this.#liveness.markSeen(this.#context.wheel.lastTickAt);
  }

  /**
   * Extends the session to the expiry of this token; false, and no change, if the token is of another User. Call it
   * through `Sessions.renew`, which refuses revoked tokens.
   */
  renew(token: AccessToken): boolean {
    if (this.#isEnded || !this.isOf(token)) return false;
    const before = this.accessRevision;
    this.#useToken(token);
    if (this.isAttached) this.#scheduleCheck();
    if (this.accessRevision !== before) this.accessChanged();
    return true;
  }

  isOf({ serviceSid, identity }: AccessToken): boolean {
    return serviceSid === this.serviceSid && identity === this.identity;
  }

  /** The secret that signed its current token; null for a key of the settings. */
  get signedBy(): SecretRef | null {
    return this.#signedBy;
  }

  /** Closes the Connection: the API key that signed its token has ended. */
  keyEnded(): void {
    const lastSeenAt = this.#timeOf(this.#liveness.seenAt);
    this.terminate('key_ended', { cause: 'admin', lastSeenAt });
  }

  /** Closes the Connection at once: the client sent `bye` or closed its socket with code 1000. */
  closeCleanly(): void {
    this.#end({ cause: 'clean', lastSeenAt: this.#timeOf(this.#context.wheel.now) });
  }

  /**
   * Starts the grace period: the client's socket has closed in any other way. Call it for the current socket only,
   * not for one that another has replaced.
   */
  socketClosed(): void {
    if (this.#isMoved) this.#end(null);
    else this.#detach('abrupt', this.#context.wheel.now);
  }

  /** Continues with another socket; false if the session has ended, was moved, or is of another User. */
  tryResume(token: AccessToken, client: SessionClient): boolean {
    const canResume = this.#position !== null && !this.#isEnded && !this.#isMoved;
    if (!canResume || !this.isOf(token)) return false;
    this.#client = client;
    this.#detached = null;
    this.#startLiveness(token);
    return true;
  }

  /** Ends the session for a reason other than its client; with details if this process has to record the close. */
  terminate(reason: DisconnectReason, details: CloseDetails | null = null): void {
    this.#end(details, reason);
  }

  /**
   * Tells the client to reconnect elsewhere. Its close is not recorded when it does: if it does not reconnect, other
   * nodes find its Connection once this process has stopped. A client that sends `bye` is still closed cleanly.
   */
  move(reconnectInMs: number): void {
    if (!this.isAttached) return;
    this.#isMoved = true;
    this.#context.wheel.cancel(this);
    this.#client.move(reconnectInMs);
  }

  /** Applies a changed grace period of its Service. */
  graceChanged(): void {
    if (this.#detached !== null && !this.#isEnded) this.#awaitGraceEnd(this.#detached);
  }

  /** Applies a changed watch policy of its Service, or another grant. */
  accessChanged(): void {
    if (this.isAttached) this.#client.accessChanged();
  }

  override onTimer(): void {
    if (this.#isEnded) return;
    const { now } = this.#context.wheel;
    if (this.#detached !== null) this.#awaitGraceEnd(this.#detached);
    else if (this.#liveness.hasExpired(now)) {
      const lastSeenAt = this.#timeOf(this.#liveness.seenAt);
      this.terminate('token_expired', { cause: 'expired', lastSeenAt });
    } else this.#checkLiveness(now);
  }

  #checkLiveness(now: number): void {
    const liveness = this.#liveness;
    const expiresInMs = liveness.takeExpiryWarning(now);
    if (expiresInMs !== null) this.#client.announceExpiry(expiresInMs);
    if (liveness.isPongOverdue(now)) this.#fallSilent();
    else if (liveness.isPingDue(now)) {
      liveness.markPinged(this.#context.wheel.lastTickAt, now);
      this.#scheduleCheck();
      this.#client.ping();
    } else this.#scheduleCheck();
  }

  #fallSilent(): void {
    const client = this.#client;
    this.#detach('timeout', this.#liveness.seenAt);
    client.disconnect('silent');
  }

  /** @param seenAt last sign of life, on the monotonic clock */
  #detach(cause: 'abrupt' | 'timeout', seenAt: number): void {
    if (this.#isEnded || this.#detached !== null || this.#position === null) return;
    const details = { cause, lastSeenAt: this.#timeOf(seenAt) };
    this.#detached = { at: this.#context.wheel.now, details };
    this.#awaitGraceEnd(this.#detached);
  }

  #awaitGraceEnd({ at, details }: Detachment): void {
    const { wheel } = this.#context;
    if (this.graceMs === 0 || wheel.now >= at + this.graceMs) this.#end(details);
    else wheel.schedule(this, at + this.graceMs);
  }

  #end(details: CloseDetails | null, reason: DisconnectReason | null = null): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#context.wheel.cancel(this);
    if (reason !== null) this.#client.disconnect(reason);
    this.#context.onEnd(this, details);
    if (this.#position !== null) this.#client.onSessionEnd();
  }

  #startLiveness(token: AccessToken): void {
    this.#liveness.markSeen(this.#context.wheel.now);
    this.#useToken(token);
    this.#scheduleCheck();
  }

  #useToken({ expiresAt, issuedAt, signedBy, watchGrant }: AccessToken): void {
    const isGranted = this.service.watchPolicy === 'granted';
    if (isGranted && !isSameGrant(this.#watchGrant, watchGrant)) this.#grantRevision += 1;
    this.#watchGrant = watchGrant;
    this.#signedBy = signedBy;
    this.#tokenIssuedAt = issuedAt;
    const { wheel, clock } = this.#context;
    this.#liveness.setExpiry(Math.max(expiresAt.getTime() - clock().getTime(), 0), wheel.now);
  }

  #scheduleCheck(): void {
    this.#context.wheel.schedule(this, this.#liveness.nextCheckAt());
  }

  /** ISO time of a moment on the monotonic clock. */
  #timeOf(moment: number): string {
    const { wheel, clock } = this.#context;
    return new Date(clock().getTime() - (wheel.now - moment)).toISOString();
  }
}
