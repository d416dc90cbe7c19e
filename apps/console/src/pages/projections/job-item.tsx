import { useMutation, useQueryClient } from '@tanstack/react-query';
import { projectionPath } from '../../api/paths.ts';
import { jobSchema, type Job } from '../../api/operations-schemas.ts';
import { useApi } from '../../session/session.tsx';
import { Badge, type Tone } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { ErrorText } from '../../ui/states.tsx';
import { Ago } from '../../ui/time.tsx';
import { Differences } from './differences.tsx';

const TONES: Readonly<Record<Job['status'], Tone>> = {
  queued: 'neutral',
  running: 'neutral',
  succeeded: 'good',
  failed: 'bad',
  cancelled: 'neutral',
};

/** A job: its progress while it runs, then what came of it. */
export function JobItem({ job }: { readonly job: Job }) {
  const api = useApi();
  const queries = useQueryClient();
  const jobs = projectionPath(job.projection, 'Jobs');
  const cancel = useMutation({
    mutationFn: () => api.post(`${jobs}/${job.sid}`, jobSchema, { Status: 'cancelled' }),
    onSettled: () => queries.invalidateQueries({ queryKey: [jobs] }),
  });
  const isOpen = job.status === 'queued' || job.status === 'running';
  const verification = job.result?.verification ?? null;
  return (
    <li className="job">
      <div className="job-head">
        <span>
          {job.kind} <Badge tone={TONES[job.status]}>{job.status}</Badge>
        </span>
        <span className="muted">
          {outcome(job)} <Ago iso={job.date_ended ?? job.date_created} />
        </span>
        {isOpen && (
          <Button kind="quiet" isBusy={cancel.isPending} onClick={() => cancel.mutate()}>
            Cancel
          </Button>
        )}
      </div>
      {job.status === 'running' && <Progress job={job} />}
      {job.error !== null && <p className="error-text">{job.error}</p>}
      <ErrorText error={cancel.error} />
      {verification !== null && verification.differences > 0 && (
        <Differences shown={verification.shown} />
      )}
    </li>
  );
}

/** What came of a job, or how far it is. */
function outcome({
  status,
  result,
  events_done: done,
  events_total: total,
  events_per_second: pace,
}: Job): string {
  if (status === 'running' && done !== null) {
    const of = total === null ? '' : ` of about ${total.toLocaleString()}`;
    const speed = pace === null ? '' : `, ${pace.toLocaleString()} a second`;
    return `${done.toLocaleString()}${of} events${speed}.`;
  }
  if (result === null) return '';
  const { verification, version, events, remaining_dead_letters: remaining } = result;
  if (verification !== null) {
    const { rows, differences } = verification;
    return differences === 0
      ? `${rows.toLocaleString()} rows, no difference.`
      : `${rows.toLocaleString()} rows, ${differences.toLocaleString()} differences.`;
  }
  if (remaining !== null) return `${remaining} dead letters remain.`;
  const folded = events === null ? '' : ` ${events.toLocaleString()} events.`;
  return version === null ? folded : `Version ${version}.${folded}`;
}

function Progress({
  job: { kind, events_done: done, events_total: total },
}: {
  readonly job: Job;
}) {
  return total === null || total === 0 ? (
    <progress className="progress" aria-label={`Progress of the ${kind}`} />
  ) : (
    <progress
      className="progress"
      aria-label={`Progress of the ${kind}`}
      max={total}
      value={Math.min(done ?? 0, total)}
    />
  );
}
