import { fieldsOf, flagOf, listOf, textOf, type Fields } from '../../support/fields.ts';

/** What the benches read of the frames of `/stream`, which the baseline speaks too. */
export type StreamFrame =
  | {
      readonly type: 'ready';
      readonly connectionSid: string;
      readonly resumed: boolean;
      readonly version: string;
    }
  | {
      readonly type: 'snapshot';
      readonly users: readonly UserShown[];
      readonly done: boolean;
      readonly version: string;
    }
  | ({ readonly type: 'change' } & UserShown)
  | { readonly type: 'move'; readonly reconnectInMs: number }
  | { readonly type: 'other'; readonly version: string | null };

/** How a User stands. */
export interface UserShown {
  readonly sid: string;
  readonly online: boolean | null;
  readonly version: string;
}

/** @throws TypeError where a frame says less than the protocol has it say */
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
 * The Users that a frame or an answer of REST lists.
 *
 * @throws TypeError where it lists none
 */
export function usersIn(fields: Fields): UserShown[] {
  return listOf(fields['users']).map(userOf);
}

function userOf(fields: Fields): UserShown {
  return {
    sid: textOf(fields, 'sid'),
    online: flagOf(fields, 'is_online'),
    version: textOf(fields, 'version'),
  };
}
