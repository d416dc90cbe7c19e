import { EventStoreUnavailableError } from '#event-store';
import type { ChangePublisher } from '../watching/change-publisher.ts';
import type { ResyncReason } from './server-frames.ts';

/** What a client is told of: everything since a version, or how all stands, and why it has to begin anew. */
export type ResumePoint =
  { readonly since: string } | { readonly since: null; readonly reason: ResyncReason };

/**
 * Where a client that knows everything up to a version goes on. Waits until this node knows as much as the client.
 *
 * @throws EventStoreUnavailableError where that takes too long
 */
export async function resumePointFrom(
  hub: ChangePublisher,
  since: string | null,
): Promise<ResumePoint> {
  if (since === null) return { since, reason: 'gap' };
  switch (await hub.versionStatus(since)) {
    case 'seen':
      return { since };
    case 'behind':
      throw new EventStoreUnavailableError('This node is behind');
    case 'epoch':
      return { since: null, reason: 'epoch' };
    case 'beyond':
      return { since: null, reason: 'gap' };
  }
}
