import { hasReached, type Position } from '#event-store';
import type { ReachabilityChange } from '#read-model';
import type { Stores } from '#shared/composition/stores';
import { followLog } from '../events/follow-log.ts';
import type { CommandIo } from '../io/command-io.ts';
import { catchUpTimeline } from '../stores/catch-up.ts';

const PAGE_SIZE = 500;

/**
 * Yields the changes of a Service after a position, in the order of the log, as the change feed of a server sends them.
 * Ends with the deletion of the Service.
 *
 * @throws CliError where the timeline is down
 */
export async function* followChanges(
  io: CommandIo,
  stores: Stores,
  serviceSid: string,
  after: Position | null,
): AsyncGenerator<ReachabilityChange, void> {
  const { events, readModel } = stores;
  let position = after;
  for await (const event of followLog(io, events, after)) {
    const isOfService = 'serviceSid' in event.data && event.data.serviceSid === serviceSid;
    if (!isOfService || hasReached(position, event.position)) continue;
    await catchUpTimeline(io, stores);
    for (let hasMore = true; hasMore;) {
      const page = await readModel.timeline.changes(serviceSid, position, PAGE_SIZE);
      for (const change of page.changes) {
        yield change;
        if (change.kind === 'service' && change.deleted) return;
      }
      ({ position, hasMore } = page);
    }
  }
}
