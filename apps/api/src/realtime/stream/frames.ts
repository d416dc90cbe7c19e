import { Type, type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import { IDENTITY_MAX_LENGTH } from '#domain';
import type { UserFacts } from '../user-facts.ts';

/** Most Users that one frame may name. */
const MOST_USERS = 1_000;

/** Users by sid or identity. An identity may take two UTF-16 units a character. */
const Users = Type.Array(Type.String({ minLength: 1, maxLength: IDENTITY_MAX_LENGTH * 2 }), {
  minItems: 1,
  maxItems: MOST_USERS,
});

const ClientFrame = Type.Union([
  Type.Object({ type: Type.Literal('watch'), users: Users }),
  Type.Object({ type: Type.Literal('unwatch'), users: Users }),
  Type.Object({ type: Type.Literal('bye') }),
]);
export type ClientFrame = Static<typeof ClientFrame>;
const validator = Compile(ClientFrame);

/** Stable codes of `error` frames. Those of tokens are Twilio's numbers. */
export type FrameErrorCode = 'bad_frame' | 'too_many_watched' | 'unavailable' | 'no_service';

/** How a User stands, as frames carry it. */
interface UserFrame {
  readonly sid: string;
  readonly is_online: boolean | null;
  readonly is_notifiable: boolean | null;
  readonly version: string;
}

/** What the server says. */
export type ServerFrame =
  | {
      readonly type: 'ready';
      readonly connection_sid: string;
      readonly service_sid: string;
      readonly user_sid: string;
      readonly identity: string;
      readonly version: string;
    }
  | {
      readonly type: 'snapshot';
      readonly users: readonly (UserFrame & { readonly identity: string })[];
      /** What was asked for and does not exist. */
      readonly unknown: readonly string[];
    }
  /** With the identity where the User has only come into being: its sid may be news. */
  | ({ readonly type: 'change'; readonly identity?: string } & UserFrame)
  | { readonly type: 'service'; readonly reachability_enabled: boolean; readonly version: string }
  | { readonly type: 'gone'; readonly sid: string; readonly version: string }
  | {
      readonly type: 'error';
      readonly code: FrameErrorCode | number;
      readonly message: string;
    };

/** The frame that a client's message holds, null where it is none of the protocol. */
export function parseFrame(message: string): ClientFrame | null {
  let value: unknown;
  try {
    value = JSON.parse(message);
  } catch {
    return null;
  }
  return validator.Check(value) ? value : null;
}

export function userFrame({ sid, isOnline, isNotifiable, version }: UserFacts): UserFrame {
  return { sid, is_online: isOnline, is_notifiable: isNotifiable, version };
}
