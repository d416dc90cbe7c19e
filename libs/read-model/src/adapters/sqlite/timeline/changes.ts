import { justAfter, type Position } from '#event-store';
import type { Checkpoint } from '#projections';
import { toChangesPage, type ChangesPage } from '../../../timeline/reachability-changes.ts';
import type { Facts } from './facts.ts';

/** Changes of a Service and its Users after a position. Reads only the page, wherever it is. */
export function readChanges(
  facts: Facts,
  checkpoint: Checkpoint,
  serviceSid: string,
  after: Position | null,
  limit: number,
): ChangesPage {
  const from = after ?? '';
  return toChangesPage({
    checkpoint,
    service: facts.flagBefore(serviceSid, justAfter(from)),
    flags: facts.flagsAfter(serviceSid, from, limit),
    users: facts.changesOfService(serviceSid, from, limit),
    limit,
  });
}
