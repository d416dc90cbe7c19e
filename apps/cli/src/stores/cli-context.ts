import { randomUUID } from 'node:crypto';
import type { CommandContext } from '#event-store';
import { operatingSystemUser } from './operating-system-user.ts';

/** Returns the context of one command that the CLI sends. Its actor is `cli:<user of the operating system>`. */
export function cliContext(): CommandContext {
  const commandId = randomUUID();
  return { commandId, correlationId: commandId, actor: `cli:${operatingSystemUser()}` };
}
