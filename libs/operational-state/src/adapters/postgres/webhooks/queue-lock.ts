import { notify, type Queries } from '#postgres';

/** Names the lock among the advisory locks of the database. */
const WEBHOOK_QUEUE = 5_150_101;

/**
 * Lets one transaction at a time decide which delivery of a User is due: whether one is due depends on the rows that
 * others are just adding or finishing. The lock ends with the transaction.
 */
export async function lockQueue(queries: Queries): Promise<void> {
  await queries.query('SELECT pg_advisory_xact_lock($1)', [WEBHOOK_QUEUE]);
}

/** Topic of the notifications that deliveries may have become due. */
export const QUEUED_TOPIC = 'webhooks_queued';

/** Makes the commit of a transaction tell all workers that deliveries may have become due. */
export function announceDue(queries: Queries): Promise<void> {
  return notify(queries, QUEUED_TOPIC);
}

/** Makes the earliest open delivery of each User due, unless it has a time already. */
export async function promote(
  queries: Queries,
  userSids: readonly string[],
  now: number,
): Promise<void> {
  await queries.write(
    `UPDATE reachability.webhook_deliveries SET due = $2 WHERE due IS NULL AND position IN
       (SELECT earliest.position FROM unnest($1::text[]) AS users (sid) CROSS JOIN LATERAL
         (SELECT position FROM reachability.webhook_deliveries
          WHERE user_sid = users.sid AND status IN ('pending', 'failed')
          ORDER BY position LIMIT 1) AS earliest)`,
    [[...new Set(userSids)], now],
  );
}
