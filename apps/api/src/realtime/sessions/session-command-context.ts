import { randomUUID } from 'node:crypto';
import type { CommandContext } from '#event-store';
import type { Session } from './session.ts';

/** Returns the context of a command that a client sends over its Connection. */
export function commandContext(
  { connectionSid, identity }: Pick<Session, 'connectionSid' | 'identity'>,
  commandId: string = randomUUID(),
): CommandContext {
  return { commandId, correlationId: connectionSid, actor: `identity:${identity}` };
}
