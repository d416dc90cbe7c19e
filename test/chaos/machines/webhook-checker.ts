import type { Violation } from '../checker.ts';
import { intersect, type Interval } from '../intervals.ts';
import type { ReplayedChange } from './log-replay.ts';
import type { WebhookRequest } from './webhook-recorder.ts';

/** An answer may get lost when a fault begins this long after it. */
const RECORDING_MS = 2_000;

/** What is wrong with the webhooks of a run. */
export interface WebhookCheck {
  readonly deliveries: number;
  readonly missed: readonly Violation[];
  readonly doubled: readonly Violation[];
  /** Deliveries that were sent twice because the first answer was lost in a fault. */
  readonly repeatedAfterLoss: number;
  readonly misordered: readonly Violation[];
}

/**
 * Compares the received webhooks with the changes in the log.
 *
 * @param faults of workers and of the database, in which answers may get lost
 */
export function checkWebhooks(
  requests: readonly WebhookRequest[],
  changes: readonly ReplayedChange[],
  faults: readonly Interval[],
): WebhookCheck {
  const byToken = [...Map.groupBy(requests, ({ token }) => token).values()];
  const doubled: Violation[] = [];
  let repeatedAfterLoss = 0;
  for (const ofOne of byToken) {
    const again = secondAfterSuccess(ofOne);
    if (again === undefined) continue;
    const { first, second } = again;
    const answering = {
      from: first.at - RECORDING_MS,
      to: (first.answeredAt ?? first.at) + RECORDING_MS,
    };
    if (intersect([answering], faults).length > 0) repeatedAfterLoss += 1;
    else
      doubled.push({
        user: second.user,
        where: 'webhooks',
        what: `${second.version} answered at ${time(first.at)}, sent again at ${time(second.at)}`,
      });
  }
  return {
    deliveries: byToken.length,
    missed: missedWebhooks(requests, changes),
    doubled,
    repeatedAfterLoss,
    misordered: misorderedWebhooks(requests),
  };
}

/** Changes of which no request was answered with success, or whose request said something else. */
export function missedWebhooks(
  requests: readonly WebhookRequest[],
  changes: readonly ReplayedChange[],
): Violation[] {
  const delivered = new Map(
    requests.filter(isDelivered).map((request) => [positionOf(request), request]),
  );
  return changes.flatMap(({ user, version, isOnline, isNotifiable }) => {
    const request = delivered.get(version);
    if (request === undefined) {
      return [{ user, where: 'webhooks', what: `nothing about ${version} (${isOnline})` }];
    }
    const isRight =
      request.user === user &&
      request.isOnline === String(isOnline) &&
      request.isNotifiable === String(isNotifiable);
    if (isRight) return [];
    return [{ user, where: 'webhooks', what: `${JSON.stringify(request)} about ${version}` }];
  });
}

/** Users whose deliveries succeeded in another order than that of the log. */
function misorderedWebhooks(requests: readonly WebhookRequest[]): Violation[] {
  const firsts = new Map<string, WebhookRequest>();
  for (const request of requests) {
    if (isDelivered(request) && !firsts.has(request.token)) firsts.set(request.token, request);
  }
  const latest = new Map<string, string>();
  const violations: Violation[] = [];
  for (const { user, version } of firsts.values()) {
    const before = latest.get(user) ?? '';
    if (version < before) {
      violations.push({ user, where: 'webhooks', what: `${version} after ${before}` });
    } else latest.set(user, version);
  }
  return violations;
}

function secondAfterSuccess(
  requests: readonly WebhookRequest[],
): { readonly first: WebhookRequest; readonly second: WebhookRequest } | undefined {
  const index = requests.findIndex(isDelivered);
  const [first, second] = index < 0 ? [] : requests.slice(index);
  return first === undefined || second === undefined ? undefined : { first, second };
}

function isDelivered({ status }: WebhookRequest): boolean {
  return status < 300;
}

/** The place in the log that a version names. */
function positionOf({ version }: WebhookRequest): string {
  return version.slice(version.indexOf(':') + 1);
}

function time(moment: number): string {
  return new Date(moment).toISOString().slice(11, 23);
}
