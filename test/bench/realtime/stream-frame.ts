import { fieldsOf, flagOf, listOf, textOf, type Fields } from '../../support/fields.ts';

/** The parts of `/stream` frames that the benches read. The baseline sends the same frames. */
export type StreamFrame =
  | {
      readonly type: 'ready';
      readonly connectionSid: string;
      readonly resumed: boolean;
      readonly version: string;
    }
  | {
      readonly type: 'snapshot';
      readonly users: readonly UserState[];
      readonly done: boolean;
      readonly version: string;
    }
  | ({ readonly type: 'change' } & UserState)
  | { readonly type: 'move'; readonly reconnectInMs: number }
  | { readonly type: 'other'; readonly version: string | null };

/** State of a User in a frame or an answer. */
export interface UserState {
  readonly sid: string;
  readonly online: boolean | null;
  readonly version: string;
}

/** @throws TypeError if a frame lacks a field that the protocol requires */
export function readFrame(text: string): StreamFrame {
  const frame = fieldsOf(JSON.parse(text));
  switch (frame['type']) {
    case 'ready':
      return {
        type: 'ready',
        connectionSid: textOf(frame, 'connection_sid'),
        resumed: frame['resumed'] === true,
        version: textOf(frame, 'version'),
      };
    case 'snapshot':
      return {
        type: 'snapshot',
        users: usersIn(frame),
        done: frame['done'] !== false,
        version: textOf(frame, 'version'),
      };
    case 'change':
      return { type: 'change', ...userOf(frame) };
    case 'move':
      return { type: 'move', reconnectInMs: Number(frame['reconnect_in_ms'] ?? 0) };
    default: {
      const { version } = frame;
      return { type: 'other', version: typeof version === 'string' ? version : null };
    }
  }
}

/**
 * The Users in a frame or a REST answer.
 *
 * @throws TypeError if there is no list of Users
 */
export function usersIn(fields: Fields): UserState[] {
  return listOf(fields['users']).map(userOf);
}

function userOf(fields: Fields): UserState {
  return {
    sid: textOf(fields, 'sid'),
    online: flagOf(fields, 'is_online'),
    version: textOf(fields, 'version'),
  };
}
