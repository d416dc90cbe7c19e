import { randomUUID } from 'node:crypto';
import { uuidV5 } from '#domain';
import type { CommandContext } from '#event-store';
import type { Caller } from './caller.ts';

/**
 * Who sends a command.
 *
 * @param mutationId makes it the same command whenever it is sent again; null for one of its own
 */
export function contextOf({ session }: Caller, mutationId: string | null = null): CommandContext {
  const { userSid, connectionSid, identity } = session;
  return {
    commandId: mutationId === null ? randomUUID() : uuidV5(`mutation:${userSid}\n${mutationId}`),
    correlationId: connectionSid,
    actor: `identity:${identity}`,
  };
}
