import { randomUUID } from 'node:crypto';
import type { CommandContext } from '#event-store';

/** The context of one command that the CLI sends; its events name `cli` as their actor. */
export function cliContext(): CommandContext {
  const commandId = randomUUID();
  return { commandId, correlationId: commandId, actor: 'cli' };
}
