import type { ReasonCode } from '#domain';
import type { ReachabilityAnswer } from '../users/answer.ts';

const REASONS: Readonly<Record<ReasonCode, (answer: ReachabilityAnswer) => string>> = {
  disabled: () => 'Reachability is disabled for the Service',
  not_connected_since_enabled: () =>
    'The User has not connected since reachability was enabled for the Service',
  online: ({ openConnections }) =>
    openConnections === 1
      ? 'The User has 1 open connection'
      : `The User has ${openConnections} open connections`,
  offline: () => 'The User has no open connection',
};

/** The reason for an answer as a sentence without a full stop. */
export function reasonInWords(answer: ReachabilityAnswer): string {
  return REASONS[answer.reasonCode](answer);
}
