import { Type, type Static } from 'typebox';
import { Compile } from 'typebox/schema';

/** Most characters of an `auth` frame: no token of Twilio's libraries comes near. */
const MAX_LENGTH = 16 * 1_024;

const AuthFrame = Type.Object({
  type: Type.Literal('auth'),
  token: Type.String(),
  device_id: Type.Optional(Type.String()),
  resume: Type.Optional(Type.String()),
  since: Type.Optional(Type.String()),
});
const frame = Compile(AuthFrame);

/** The first frame of a client whose URL and headers carry no token. */
export type AuthFrame = Static<typeof AuthFrame>;

/** Returns the `auth` frame in a client's first message; null if it is another one, or too long. */
export function parseAuthFrame(message: Buffer): AuthFrame | null {
  if (message.length > MAX_LENGTH) return null;
  let value: unknown;
  try {
    value = JSON.parse(message.toString('utf8'));
  } catch {
    return null;
  }
  return frame.Check(value) ? value : null;
}
