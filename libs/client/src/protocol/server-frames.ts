import type { FrameLimits } from './client-frames.ts';
import type { Version } from './version.ts';

/** State of a User in a frame. */
export interface UserState {
  readonly sid: string;
  readonly is_online: boolean | null;
  readonly is_notifiable: boolean | null;
  readonly version: Version;
}

export type IdentifiedUserState = UserState & { readonly identity: string };

export interface ReadyFrame {
  readonly type: 'ready';
  readonly connection_sid: string;
  readonly service_sid: string;
  readonly user_sid: string;
  readonly identity: string;
  readonly version: Version;
  readonly resumed: boolean;
  readonly reachability_enabled: boolean;
  readonly pong_ms: number;
  readonly limits: FrameLimits;
}

export interface SnapshotFrame {
  readonly type: 'snapshot';
  /** The answered `watch`; null after `resync`. */
  readonly id: number | null;
  readonly users: readonly IdentifiedUserState[];
  readonly unknown: readonly string[];
  readonly version: Version;
  readonly done: boolean;
}

interface ServiceFrame {
  readonly type: 'service';
  readonly reachability_enabled: boolean;
  readonly version: Version;
}

export interface ErrorFrame {
  readonly type: 'error';
  readonly id: number | null;
  /** A number for a token error of Twilio. */
  readonly code: string | number;
  readonly message: string;
  /** The rejected Users of a `watch`; null means all. */
  readonly users: readonly string[] | null;
  /** Milliseconds after which the same request is accepted, where a limit is exceeded for now. */
  readonly retry_after_ms: number | null;
}

/** Frames about watched Users. */
export type WatchFrame =
  | SnapshotFrame
  | ({ readonly type: 'change'; readonly identity: string | null } & UserState)
  | { readonly type: 'gone'; readonly sid: string; readonly version: Version }
  | ServiceFrame
  | { readonly type: 'resync' };

/** Answers to requests other than `watch`. */
export type AnswerFrame =
  | ({ readonly type: 'user'; readonly id: number } & IdentifiedUserState)
  | {
      readonly type: 'bound';
      readonly id: number;
      readonly sid: string;
      /** Version of the write; null from an older server. */
      readonly version: Version | null;
    }
  | { readonly type: 'unbound'; readonly id: number; readonly version: Version | null }
  | { readonly type: 'token_accepted'; readonly id: number; readonly expires_at: string };

/** Frames that the server sends; see docs/protocol.md. */
export type ServerFrame =
  | ReadyFrame
  | WatchFrame
  | AnswerFrame
  | ErrorFrame
  | { readonly type: 'unwatched'; readonly id: number }
  | { readonly type: 'token_expiring'; readonly expires_in_ms: number }
  | { readonly type: 'pong' }
  | { readonly type: 'move'; readonly reconnect_in_ms: number };
