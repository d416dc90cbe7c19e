import { ApiError } from '../../api/api-error.ts';
import type { Explanation } from '../../api/schemas.ts';
import { PresenceMark, PushMark } from '../../ui/presence.tsx';
import { Fact } from '../../ui/fact.tsx';
import { ErrorText, Loading } from '../../ui/states.tsx';
import { inDuration } from '../../ui/durations.ts';
import { Ago, Moment } from '../../ui/time.tsx';

/** The answer about a User, with its reason in words. */
export function AnswerCard({
  answer,
  error,
}: {
  readonly answer: Explanation | null;
  readonly error: Error | null;
}) {
  if (error instanceof ApiError && error.status === 404) {
    return <p className="card muted">The User did not exist at that time.</p>;
  }
  if (error !== null) return <ErrorText error={error} />;
  if (answer === null) return <Loading what="the answer" rows={3} />;
  const { as_of: asOf, staleness_bound_ms: bound } = answer;
  return (
    <section className="card" aria-label="Answer">
      <p className="answer">
        <PresenceMark isOnline={answer.is_online} />
        <span className="answer-reason">{answer.reason}.</span>
      </p>
      <dl className="facts">
        <Fact name={asOf === null ? 'Since' : 'Since (at that time)'}>
          {answer.since === null ? '–' : <Moment iso={answer.since} />}
          {answer.since !== null && asOf === null && (
            <span className="muted">
              {' '}
              <Ago iso={answer.since} />
            </span>
          )}
        </Fact>
        <Fact name="Push">
          <PushMark isNotifiable={answer.is_notifiable} />
        </Fact>
        <Fact name="Open connections">{answer.open_connections}</Fact>
        <Fact name="Last online">
          {answer.last_online === null ? '–' : <Moment iso={answer.last_online} />}
        </Fact>
        <Fact name="Reason code">
          <code>{answer.reason_code}</code>
        </Fact>
        <Fact name="Version">
          <code className="sid">{answer.version}</code>
        </Fact>
        <Fact name="A silent client counts as gone within">
          {bound === null ? 'no bound: a store is away' : inDuration(bound)}
        </Fact>
      </dl>
    </section>
  );
}
