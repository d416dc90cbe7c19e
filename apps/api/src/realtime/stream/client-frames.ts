import { Type, type Static } from 'typebox';
import { Compile } from 'typebox/schema';
import { IDENTITY_MAX_LENGTH } from '#domain';

/** Maximum number of Users in one frame. */
export const MAX_USERS_PER_FRAME = 1_000;

const Id = Type.Optional(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }));
/** A User by sid or identity. A character of an identity takes up to two UTF-16 units. */
const User = Type.String({ minLength: 1, maxLength: IDENTITY_MAX_LENGTH * 2 });
const Users = Type.Array(User, { minItems: 1, maxItems: MAX_USERS_PER_FRAME });
const Version = Type.String({ pattern: '^[^:]{1,64}:[0-9]{1,64}$' });

const ClientFrame = Type.Union([
  Type.Object({
    type: Type.Literal('watch'),
    id: Id,
    users: Users,
    since: Type.Optional(Version),
    version: Type.Optional(Version),
  }),
  Type.Object({ type: Type.Literal('unwatch'), id: Id, users: Users }),
  Type.Object({
    type: Type.Literal('get'),
    id: Id,
    user: User,
    version: Type.Optional(Version),
  }),
  Type.Object({
    type: Type.Literal('bind'),
    id: Id,
    binding_type: Type.String(),
    address: Type.String(),
    endpoint: Type.Optional(Type.String()),
  }),
  Type.Object({ type: Type.Literal('unbind'), id: Id, sid: Type.String() }),
  Type.Object({ type: Type.Literal('token'), id: Id, token: Type.String() }),
  Type.Object({ type: Type.Literal('ping') }),
  Type.Object({ type: Type.Literal('bye') }),
]);

/** A frame of a client. */
export type ClientFrame = Static<typeof ClientFrame>;
export type ClientFrameOf<Name extends ClientFrame['type']> = Extract<ClientFrame, { type: Name }>;

const frames = Compile(ClientFrame);
const version = Compile(Version);

/** Returns the frame in a client's message; null if it is not a frame of the protocol. */
export function parseFrame(message: string): ClientFrame | null {
  let value: unknown;
  try {
    value = JSON.parse(message);
  } catch {
    return null;
  }
  return frames.Check(value) ? value : null;
}

export function isVersion(text: string | null): text is string {
  return text !== null && version.Check(text);
}
