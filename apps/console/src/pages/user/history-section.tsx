import { userPath } from '../../api/paths.ts';
import { intervalSchema } from '../../api/schemas.ts';
import { usePages } from '../../api/use-pages.ts';
import { CallButton } from '../../ui/call-button.tsx';
import { List } from '../../ui/list.tsx';
import { Periods } from './periods.tsx';
import { Timeline } from './timeline.tsx';

const PARAMETERS = { PageSize: '100' };

/** The past of a User: a timeline, and the same as a table. */
export function HistorySection({
  service,
  user,
  at,
  onPick,
}: {
  readonly service: string;
  readonly user: string;
  readonly at: string | null;
  readonly onPick: (at: string) => void;
}) {
  const path = userPath(service, user, 'Reachability', 'History');
  const pages = usePages({ path, key: 'history', schema: intervalSchema, parameters: PARAMETERS });
  return (
    <section aria-labelledby="timeline" className="section">
      <div className="section-head">
        <h2 id="timeline" className="section-title">
          Timeline
        </h2>
        <CallButton path={path} cli={`audit user ${user} --service ${service}`} />
      </div>
      <List pages={pages} what="periods" empty={<p className="muted">Nothing yet.</p>}>
        {(intervals) => (
          <>
            <Timeline intervals={intervals} at={at} onPick={onPick} />
            <Periods intervals={intervals} onPick={onPick} />
          </>
        )}
      </List>
    </section>
  );
}
