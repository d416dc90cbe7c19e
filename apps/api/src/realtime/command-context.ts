import { randomUUID } from 'node:crypto';
import type { CommandContext } from '#event-store';
import type { Session } from './session.ts';

/** Who sends a command: the identity of a client, over its Connection. */
export function commandContext(
  { connectionSid, identity }: Pick<Session, 'connectionSid' | 'identity'>,
  commandId: string = randomUUID(),
): CommandContext {
  return { commandId, correlationId: connectionSid, actor: `identity:${identity}` };
}
