import { EventStoreUnavailableError } from '#event-store';
import type { ChangePublisher } from '../watching/change-publisher.ts';
import type { ResyncReason } from './server-frames.ts';

/** The version after which a client is sent changes, or the reason why it has to resync. */
export type ResumePoint =
  | { readonly since: string }
  | { readonly since: null; readonly reason: Exclude<ResyncReason, 'access'> };

/**
 * Returns where to continue a client that knows all changes up to `since`. Waits until this node has published them.
 *
 * @throws EventStoreUnavailableError when that takes too long
 */
export async function resumePointAt(
  publisher: ChangePublisher,
  since: string | null,
): Promise<ResumePoint> {
  if (since === null) return { since, reason: 'gap' };
  switch (await publisher.sinceStatus(since)) {
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
