import { randomUUID } from 'node:crypto';
import type { CommandContext } from '#event-store';

/**
 * Returns the context of a command that a process sends by itself, not for a request or a client.
 *
 * @param correlationId the command id if omitted
 */
export function systemContext(actor: string, correlationId?: string): CommandContext {
  const commandId = randomUUID();
  return { commandId, correlationId: correlationId ?? commandId, actor };
}
