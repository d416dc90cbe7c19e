import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { projectionPath, PROJECTIONS } from '../../api/paths.ts';
import { jobSchema } from '../../api/operations-schemas.ts';
import { usePages } from '../../api/use-pages.ts';
import { List } from '../../ui/list.tsx';
import { JobItem } from './job-item.tsx';

const REFRESH_MS = 1_000;
const PARAMETERS = { PageSize: '5' };

/** The latest jobs on a projection, with their progress. */
export function Jobs({ projection }: { readonly projection: string }) {
  const queries = useQueryClient();
  const pages = usePages({
    path: projectionPath(projection, 'Jobs'),
    key: 'jobs',
    schema: jobSchema,
    parameters: PARAMETERS,
    refreshMs: REFRESH_MS,
  });
  const ended = pages.items?.find(({ date_ended: end }) => end !== null)?.sid;
  useEffect(() => {
    // A job that has ended may have made another version live.
    if (ended !== undefined) void queries.invalidateQueries({ queryKey: [PROJECTIONS] });
  }, [queries, ended]);
  return (
    <div className="subsection">
      <h3 className="label">Jobs</h3>
      <List pages={pages} what="jobs" empty={<p className="muted">None so far.</p>}>
        {(jobs) => (
          <ul className="jobs">
            {jobs.map((job) => (
              <JobItem key={job.sid} job={job} />
            ))}
          </ul>
        )}
      </List>
    </div>
  );
}
