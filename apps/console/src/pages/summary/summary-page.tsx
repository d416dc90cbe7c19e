import { useState } from 'react';
import { servicePath } from '../../api/paths.ts';
import type { Summary } from '../../api/schemas.ts';
import { CallButton } from '../../ui/call-button.tsx';
import { PresenceShape, type Presence } from '../../ui/presence.tsx';
import { Segments } from '../../ui/segments.tsx';
import { Failure, Loading } from '../../ui/states.tsx';
import { LiveMark } from '../service/live-mark.tsx';
import { ServiceHeader } from '../service/service-header.tsx';
import { useService } from '../service/service-context.ts';
import { SummaryChart } from './summary-chart.tsx';
import { SummaryTable } from './summary-table.tsx';
import { useSummary } from './use-summary.ts';

const NUMBERS_MS = 2_000;
const CHART_MS = 30_000;
const PERIODS = ['24 hours', '90 days'] as const;

/** How many Users are online: now, and over time. */
export function SummaryPage() {
  const { sid } = useService();
  const [period, setPeriod] = useState<(typeof PERIODS)[number]>(PERIODS[0]);
  const isDay = period === PERIODS[0];
  const present = useSummary(sid, 'none', NUMBERS_MS);
  const past = useSummary(sid, isDay ? 'minute' : 'hour', CHART_MS);
  const points = (isDay ? past.data?.minutes : past.data?.hours) ?? null;
  const error = present.error ?? past.error;
  const path = servicePath(sid, 'Reachability', 'Summary');
  return (
    <>
      <ServiceHeader
        page="Summary"
        actions={
          <>
            <LiveMark />
            <CallButton path={path} cli={`services summary ${sid}`} />
          </>
        }
      />
      {present.data === undefined && error === null && <Loading what="the numbers" rows={3} />}
      {present.data === undefined && error !== null && (
        <Failure error={error} onRetry={() => void present.refetch()} />
      )}
      {present.data !== undefined && <Numbers summary={present.data} />}
      <section className="section" aria-labelledby="over-time">
        <div className="section-head">
          <h2 id="over-time" className="section-title">
            Over time
          </h2>
          <Segments name="Period" values={PERIODS} value={period} onChange={setPeriod} />
        </div>
        {points !== null && (
          <>
            <SummaryChart points={points} />
            <SummaryTable points={points} />
          </>
        )}
      </section>
    </>
  );
}

const STATES: readonly Presence[] = ['online', 'offline', 'unknown'];

function Numbers({ summary }: { readonly summary: Summary }) {
  return (
    <dl className="numbers" aria-label="Now">
      {STATES.map((state) => (
        <div key={state} className={`presence-${state}`}>
          <dt>
            <PresenceShape presence={state} /> {state}
          </dt>
          <dd>{summary[state].toLocaleString()}</dd>
        </div>
      ))}
      <div>
        <dt>Users</dt>
        <dd>{summary.users.toLocaleString()}</dd>
      </div>
      <div>
        <dt>with push</dt>
        <dd>{summary.notifiable.toLocaleString()}</dd>
      </div>
      <div>
        <dt>open connections</dt>
        <dd>{summary.open_connections.toLocaleString()}</dd>
      </div>
    </dl>
  );
}
