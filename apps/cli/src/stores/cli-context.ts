import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { CommandContext } from '#event-store';
import { operatingSystemUser } from './operating-system-user.ts';

/** Returns the context of one command that the CLI sends: its actor is the operating system's user, its source this machine. */
export function cliContext(): CommandContext {
  const commandId = randomUUID();
  const actor = `cli:${operatingSystemUser()}`;
  return { commandId, correlationId: commandId, actor, source: hostname() };
}
