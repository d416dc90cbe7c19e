import type { ExceededLimit } from '../../platform/limit-exceeded-error.ts';
import type { UserReachability } from '../watching/reachability.ts';

/** Stable codes of `error` frames. Errors of tokens have Twilio's numbers instead. */
export type FrameErrorCode =
  | 'bad_frame'
  | 'auth_timeout'
  | 'too_many_watched'
  | 'too_many_connections'
  | 'too_many_requests'
  | 'not_found'
  | 'invalid'
  | 'no_service'
  | 'unavailable'
  | ExceededLimit;

/** Reachability of a User, as frames carry it. */
interface UserFrame {
  readonly sid: string;
  readonly identity?: string;
  readonly is_online: boolean | null;
  readonly is_notifiable: boolean | null;
  readonly version: string;
}

/** The `id` of the request frame, if it had one. */
interface Answer {
  readonly id?: number | undefined;
}

interface WriteAnswer extends Answer {
  /** Version of the write; absent if nothing was ever written. */
  readonly version?: string | undefined;
}

/** Limits for a client. */
export interface Limits {
  /** Maximum bytes of a message. */
  readonly frame_bytes: number;
  readonly users_per_frame: number;
  /** Maximum Users on its watch-list. */
  readonly watched_users: number;
}

/** A frame of the server. Snapshots are encoded by `WatchSnapshot`. */
export type ServerFrame =
  | {
      readonly type: 'ready';
      readonly connection_sid: string;
      readonly service_sid: string;
      readonly user_sid: string;
      readonly identity: string;
      readonly version: string;
      readonly resumed: boolean;
      readonly reachability_enabled: boolean;
      readonly ping_ms: number;
      readonly pong_ms: number;
      readonly grace_ms: number;
      readonly limits: Limits;
    }
  | ({ readonly type: 'change' } & UserFrame)
  | { readonly type: 'gone'; readonly sid: string; readonly version: string }
  | { readonly type: 'service'; readonly reachability_enabled: boolean; readonly version: string }
  | ({ readonly type: 'unwatched' } & Answer)
  | { readonly type: 'resync'; readonly reason: ResyncReason }
  | ({ readonly type: 'user'; readonly behind?: true } & Answer & UserFrame)
  | ({ readonly type: 'bound'; readonly sid: string } & WriteAnswer)
  | ({ readonly type: 'unbound' } & WriteAnswer)
  | { readonly type: 'token_expiring'; readonly expires_in_ms: number }
  | ({ readonly type: 'token_accepted'; readonly expires_at: string } & Answer)
  | { readonly type: 'pong' }
  | { readonly type: 'move'; readonly reconnect_in_ms: number }
  | ({
      readonly type: 'error';
      readonly code: FrameErrorCode | number;
      readonly message: string;
      /** The Users of the request that the error is about; absent when it is about all. */
      readonly users?: readonly string[] | undefined;
      /** Milliseconds after which the client may try again, where a limit is exceeded for now. */
      readonly retry_after_ms?: number | undefined;
    } & Answer);

/**
 * Why a client has to resync: its version is of another store, or of a position that this log does not have, or it may
 * watch other Users than before.
 */
export type ResyncReason = 'epoch' | 'gap' | 'access';

/** Returns a User's reachability without its identity, which a client that watches it knows. */
export function userFrame({ sid, isOnline, isNotifiable, version }: UserReachability): UserFrame {
  return { sid, is_online: isOnline, is_notifiable: isNotifiable, version };
}

/** Returns a User's reachability with its identity, for a client that may not know the sid. */
export function namedUserFrame(facts: UserReachability): UserFrame {
  const { sid, ...rest } = userFrame(facts);
  return { sid, identity: facts.identity, ...rest };
}

/** Returns an error frame; `users` are those that it is about, all of the request by default. */
export function errorFrame(
  id: number | undefined,
  code: FrameErrorCode | number,
  message: string,
  {
    users,
    retryAfterSeconds,
  }: {
    readonly users?: readonly string[] | undefined;
    readonly retryAfterSeconds?: number | undefined;
  } = {},
): ServerFrame {
  const retryMs = retryAfterSeconds === undefined ? undefined : retryAfterSeconds * 1_000;
  return { type: 'error', id, code, message, users, retry_after_ms: retryMs };
}
