import { formatVersion, type ReachabilityAnswer } from '#read-model';

/** Returns the JSON of an answer where it stands beside others: without what is the same for all Users of a Service. */
export function answerJson(answer: ReachabilityAnswer, epoch: string) {
  return {
    is_online: answer.isOnline,
    is_notifiable: answer.isNotifiable,
    reason_code: answer.reasonCode,
    since: answer.since,
    last_online: answer.lastOnline,
    open_connections: answer.openConnections,
    version: formatVersion(epoch, answer.position),
  };
}
