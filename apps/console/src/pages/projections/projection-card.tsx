import type { Projection } from '../../api/operations-schemas.ts';
import { Badge, type Tone } from '../../ui/badge.tsx';
import { CallButton } from '../../ui/call-button.tsx';
import { inDuration } from '../../ui/durations.ts';
import { Fact } from '../../ui/fact.tsx';
import { ErrorText } from '../../ui/states.tsx';
import { Ago } from '../../ui/time.tsx';
import { projectionPath } from '../../api/paths.ts';
import { DeadLetters } from './dead-letters.tsx';
import { JobActions } from './job-actions.tsx';
import { Jobs } from './jobs.tsx';
import { useJobRequest } from './use-job-request.ts';
import { Versions } from './versions.tsx';

const TONES: Readonly<Record<Projection['status'], Tone>> = {
  ok: 'good',
  stuck: 'bad',
  down: 'bad',
};

/** A projection: how far it is behind, its versions, dead letters and jobs. */
export function ProjectionCard({ projection }: { readonly projection: Projection }) {
  const { name, status, lag_events: lag, lag_ms: lagMs } = projection;
  const request = useJobRequest(name);
  return (
    <section className="card" aria-labelledby={`projection-${name}`}>
      <div className="card-head">
        <h2 id={`projection-${name}`} className="section-title">
          {name} <Badge tone={TONES[status]}>{status}</Badge>
        </h2>
        <div className="page-actions">
          <JobActions request={request} />
          <CallButton path={projectionPath(name, 'Jobs')} cli={`projections rebuild ${name}`} />
        </div>
      </div>
      <ErrorText error={request.error} />
      {projection.down_reason !== null && <p className="error-text">{projection.down_reason}</p>}
      <dl className="facts">
        <Fact name="Behind the log">
          {lag === 0
            ? 'up to date'
            : `${lag.toLocaleString()}${projection.lag_is_more ? ' or more' : ''} events, ${inDuration(lagMs)}`}
        </Fact>
        <Fact name="Position">
          <code className="sid">{projection.position ?? '–'}</code>
        </Fact>
        <Fact name="Last moved">
          {projection.date_moved === null ? '–' : <Ago iso={projection.date_moved} />}
        </Fact>
        <Fact name="Dead letters">{projection.dead_letters}</Fact>
      </dl>
      <Versions versions={projection.versions} request={request} />
      {projection.dead_letters > 0 && <DeadLetters projection={name} request={request} />}
      <Jobs projection={name} />
    </section>
  );
}
