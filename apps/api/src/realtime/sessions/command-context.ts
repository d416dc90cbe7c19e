import { randomUUID } from 'node:crypto';
import type { CommandContext } from '#event-store';
import type { SessionHandle } from './session-handle.ts';

/** Who sends a command: the identity of a client, over its Connection. */
export function commandContext(
  { connectionSid, identity }: Pick<SessionHandle, 'connectionSid' | 'identity'>,
  commandId: string = randomUUID(),
): CommandContext {
  return { commandId, correlationId: connectionSid, actor: `identity:${identity}` };
}
