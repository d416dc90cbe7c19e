import type { UserFacts } from '../watching/user-facts.ts';

/** Stable codes of `error` frames. Those of tokens are Twilio's numbers. */
export type FrameErrorCode =
  | 'bad_frame'
  | 'too_many_watched'
  | 'too_many_connections'
  | 'too_many_requests'
  | 'not_found'
  | 'invalid'
  | 'no_service'
  | 'unavailable';

/** How a User stands, as frames carry it. */
interface UserFrame {
  readonly sid: string;
  readonly identity?: string;
  readonly is_online: boolean | null;
  readonly is_notifiable: boolean | null;
  readonly version: string;
}

/** The `id` of the frame that is answered, where it had one. */
interface Answer {
  readonly id?: number | undefined;
}

/** What a client may say. */
export interface Limits {
  /** Bytes of a message. */
  readonly frame_bytes: number;
  readonly users_per_frame: number;
  /** Users on its watch-list. */
  readonly watched_users: number;
}

/** What the server says, but for snapshots. */
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
  | ({ readonly type: 'user' } & Answer & UserFrame)
  | ({ readonly type: 'bound'; readonly sid: string } & Answer)
  | ({ readonly type: 'unbound' } & Answer)
  | { readonly type: 'token_expiring'; readonly expires_in_ms: number }
  | ({ readonly type: 'token_accepted'; readonly expires_at: string } & Answer)
  | { readonly type: 'pong' }
  | { readonly type: 'move'; readonly reconnect_in_ms: number }
  | ({
      readonly type: 'error';
      readonly code: FrameErrorCode | number;
      readonly message: string;
      /** Of those that were asked for, the Users that this is about; all where it is left out. */
      readonly users?: readonly string[] | undefined;
    } & Answer);

/** Why a client has to begin anew: its version is of another store, or of a place that this one does not have. */
export type ResyncReason = 'epoch' | 'gap';

/** How a User stands, without its identity: who watches it knows that. */
export function userFrame({ sid, isOnline, isNotifiable, version }: UserFacts): UserFrame {
  return { sid, is_online: isOnline, is_notifiable: isNotifiable, version };
}

/** How a User stands, for somebody to whom its sid may be news. */
export function namedUserFrame(facts: UserFacts): UserFrame {
  const { sid, ...rest } = userFrame(facts);
  return { sid, identity: facts.identity, ...rest };
}
