import { userSid, type CloseCause } from '#domain';
import type { Position } from '#event-store';
import type { Clock } from '../../platform/injection-tokens.ts';
import type { AccessToken } from '../../platform/access-tokens/access-tokens.ts';
import type { Client, EndReason } from './client.ts';
import type { ServiceGrace } from './service-graces.ts';
import type { SessionHandle } from './session-handle.ts';
import { Timed, type TimingWheel } from './timing-wheel.ts';
import { LivenessTimer } from './liveness-timer.ts';

/** What a close says besides whose it is. */
export interface Closing {
  readonly cause: CloseCause;
  /** ISO time at which the client was last known to be there. */
  readonly lastSeenAt: string;
}

/** What the sessions of a process share. */
export interface SessionContext {
  readonly wheel: TimingWheel;
  readonly clock: Clock;
  /** A session is over; with a closing, if that is for this process to record. Called once for each. */
  ended(session: Session, closing: Closing | null): void;
}

interface Detachment {
  /** On the monotonic clock. */
  readonly at: number;
  readonly closing: Closing;
}

/**
 * One session: attached to a socket, or detached for the length of the grace, or over. It waits in the wheel for
 * the earliest of what it has to do next, whatever that is.
 */
export class Session extends Timed implements SessionHandle {
  readonly connectionSid: string;
  readonly userSid: string;
  readonly identity: string;
  readonly service: ServiceGrace;
  readonly #context: SessionContext;
  /** On the monotonic clock. */
  readonly #vigil: LivenessTimer;
  #client: Client;
  #position: Position | null = null;
  #over = false;
  #moved = false;
  #detached: Detachment | null = null;

  constructor(
    context: SessionContext,
    { serviceSid, identity }: AccessToken,
    service: ServiceGrace,
    connectionSid: string,
    client: Client,
  ) {
    super();
    this.#context = context;
    this.service = service;
    this.connectionSid = connectionSid;
    this.userSid = userSid(serviceSid, identity);
    this.identity = identity;
    this.#client = client;
    this.#vigil = new LivenessTimer(context.wheel.now);
  }

  get serviceSid(): string {
    return this.service.serviceSid;
  }

  get graceMs(): number {
    return this.service.graceMs;
  }

  get position(): Position {
    if (this.#position === null) throw new Error(`${this.connectionSid} is not open yet`);
    return this.#position;
  }

  get isOpening(): boolean {
    return this.#position === null && !this.#over;
  }

  get isAttached(): boolean {
    return this.#position !== null && !this.#over && !this.#moved && this.#detached === null;
  }

  get isDetached(): boolean {
    return !this.#over && this.#detached !== null;
  }

  /** Its client was told to connect elsewhere. */
  get wasMoved(): boolean {
    return this.#moved;
  }

  get isOver(): boolean {
    return this.#over;
  }

  /** Its ConnectionOpened is durable: from now on the client is looked after. */
  opened(position: Position, token: AccessToken): void {
    this.#position = position;
    this.#begin(token);
  }

  /** It was not opened, or nobody knows: then its close is recorded. Its client is asked nothing. */
  abandon(outcomeUnknown: boolean): void {
    const lastSeenAt = this.#timeOf(this.#vigil.seenAt);
    this.#end(outcomeUnknown ? { cause: 'abrupt', lastSeenAt } : null);
  }

  seen(): void {
    this.#vigil.seen(this.#context.wheel.lately);
  }

  renew(token: AccessToken): boolean {
    if (this.#over || !this.isOf(token)) return false;
    this.#lastsAsLongAs(token);
    if (this.isAttached) this.#wait();
    return true;
  }

  isOf({ serviceSid, identity }: AccessToken): boolean {
    return serviceSid === this.serviceSid && identity === this.identity;
  }

  bye(): void {
    this.#end({ cause: 'clean', lastSeenAt: this.#timeOf(this.#context.wheel.now) });
  }

  lost(): void {
    if (this.#moved) this.#end(null);
    else this.#detach('abrupt', this.#context.wheel.now);
  }

  /** Goes on with another socket, if it can: not once it is over. */
  resume(token: AccessToken, client: Client | undefined): boolean {
    if (this.#over || this.#moved || this.#position === null || !this.isOf(token)) return false;
    this.#client = client ?? this.#client;
    this.#detached = null;
    this.#begin(token);
    return true;
  }

  /** Ends it for a reason that does not lie in its client; `closing` as far as that is for this process to record. */
  endFor(reason: EndReason, closing: Closing | null = null): void {
    this.#end(closing, reason);
  }

  /**
   * Tells the client to connect again. That it then goes is not recorded: who does not come back to another node
   * is found when this one has stopped. A client that still says bye is believed.
   */
  move(reconnectInMs: number): void {
    if (!this.isAttached) return;
    this.#moved = true;
    this.#context.wheel.cancel(this);
    this.#client.move(reconnectInMs);
  }

  /** The grace of its Service has changed. */
  graceChanged(): void {
    if (this.#detached !== null && !this.#over) this.#waitForGrace(this.#detached);
  }

  override due(): void {
    if (this.#over) return;
    const { now } = this.#context.wheel;
    if (this.#detached !== null) this.#waitForGrace(this.#detached);
    else if (this.#vigil.hasExpired(now)) {
      const lastSeenAt = this.#timeOf(this.#vigil.seenAt);
      this.endFor('token expired', { cause: 'expired', lastSeenAt });
    } else this.#lookAfter(now);
  }

  #lookAfter(now: number): void {
    const vigil = this.#vigil;
    const lastsMs = vigil.takeWarning(now);
    if (lastsMs !== null) this.#client.tokenExpires(lastsMs);
    if (vigil.hasFallenSilent(now)) this.#fellSilent();
    else if (vigil.isToBeAsked(now)) {
      vigil.asked(this.#context.wheel.lately, now);
      this.#wait();
      this.#client.ping();
    } else this.#wait();
  }

  #fellSilent(): void {
    const client = this.#client;
    this.#detach('timeout', this.#vigil.seenAt);
    client.end('fell silent');
  }

  /** @param seenAt last sign of life, on the monotonic clock */
  #detach(cause: 'abrupt' | 'timeout', seenAt: number): void {
    if (this.#over || this.#detached !== null || this.#position === null) return;
    const closing = { cause, lastSeenAt: this.#timeOf(seenAt) };
    this.#detached = { at: this.#context.wheel.now, closing };
    this.#waitForGrace(this.#detached);
  }

  #waitForGrace({ at, closing }: Detachment): void {
    const { wheel } = this.#context;
    if (this.graceMs === 0 || wheel.now >= at + this.graceMs) this.#end(closing);
    else wheel.schedule(this, at + this.graceMs);
  }

  #end(closing: Closing | null, reason: EndReason | null = null): void {
    if (this.#over) return;
    this.#over = true;
    this.#context.wheel.cancel(this);
    if (reason !== null) this.#client.end(reason);
    this.#context.ended(this, closing);
    if (this.#position !== null) this.#client.released();
  }

  /** Looks after the client that has just come. */
  #begin(token: AccessToken): void {
    this.#vigil.seen(this.#context.wheel.now);
    this.#lastsAsLongAs(token);
    this.#wait();
  }

  #lastsAsLongAs({ expiresAt }: AccessToken): void {
    const { wheel, clock } = this.#context;
    this.#vigil.lastsFor(Math.max(expiresAt.getTime() - clock().getTime(), 0), wheel.now);
  }

  #wait(): void {
    this.#context.wheel.schedule(this, this.#vigil.next());
  }

  /** ISO time of a moment on the monotonic clock. */
  #timeOf(moment: number): string {
    const { wheel, clock } = this.#context;
    return new Date(clock().getTime() - (wheel.now - moment)).toISOString();
  }
}
