import type { Projection } from '../../api/schemas.ts';
import { Badge, type Tone } from '../../ui/badge.tsx';
import { inDuration } from '../../ui/durations.ts';
import { Fact } from '../../ui/fact.tsx';
import { Ago } from '../../ui/time.tsx';

const TONES: Readonly<Record<Projection['status'], Tone>> = {
  ok: 'good',
  stuck: 'bad',
  down: 'bad',
};

/** A projection, and its versions. */
export function ProjectionCard({ projection }: { readonly projection: Projection }) {
  const { name, status, lag_events: lag, lag_ms: lagMs } = projection;
  return (
    <section className="card" aria-labelledby={`projection-${name}`}>
      <div className="card-head">
        <h2 id={`projection-${name}`} className="section-title">
          {name} <Badge tone={TONES[status]}>{status}</Badge>
        </h2>
      </div>
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
      <Versions projection={projection} />
    </section>
  );
}

function Versions({ projection: { versions } }: { readonly projection: Projection }) {
  return (
    <div className="table-scroll">
      <table className="table">
        <thead>
          <tr>
            <th scope="col">Version</th>
            <th scope="col">State</th>
            <th scope="col">Position</th>
            <th scope="col">Last moved</th>
          </tr>
        </thead>
        <tbody>
          {versions.map(({ version, state, position, date_moved: moved }) => (
            <tr key={version}>
              <td>{version}</td>
              <td>
                <Badge tone={state === 'live' ? 'good' : 'neutral'}>{state}</Badge>
              </td>
              <td>
                <code className="sid">{position ?? '–'}</code>
              </td>
              <td>{moved === null ? '–' : <Ago iso={moved} />}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
