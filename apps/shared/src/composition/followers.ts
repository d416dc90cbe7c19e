import { assertNotRestored, type EventLog } from '#event-store';
import type { WebhookEnqueuerStore } from '#operational-state';
import type { ReadModel } from '#read-model';

/** The stores whose contents were derived from the log, each with a checkpoint. */
export interface Followers {
  readonly readModel: Pick<ReadModel, 'usersVersions' | 'timelineVersions' | 'summaryVersions'>;
  readonly operations: { readonly webhookEnqueuerStore: WebhookEnqueuerStore };
}

/**
 * Settles if the log has the last event of every follower. The followers of another log do not count: they begin anew.
 *
 * @throws LogRestoredError when the log went back
 * @throws EventStoreUnavailableError
 */
export async function assertFollowersAreOfLog(
  log: Pick<EventLog, 'epoch' | 'eventIdAt'>,
  { readModel, operations }: Followers,
): Promise<void> {
  const { usersVersions, timelineVersions, summaryVersions } = readModel;
  const users = await usersVersions.live().checkpoint();
  await assertNotRestored(log, users.lastEvent, 'projection users');
  const timeline = await timelineVersions.live().checkpoint();
  await assertNotRestored(log, timeline.lastEvent, 'projection timeline');
  const summary = await summaryVersions.live().checkpoint();
  await assertNotRestored(log, summary.lastEvent, 'projection summary');
  const webhooks = operations.webhookEnqueuerStore;
  if ((await webhooks.epoch()) !== log.epoch) return;
  await assertNotRestored(log, (await webhooks.checkpoint()).lastEvent, 'the webhooks');
}
