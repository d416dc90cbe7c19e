import { projectionPath } from '../../api/paths.ts';
import { deadLetterSchema } from '../../api/operations-schemas.ts';
import { usePages } from '../../api/use-pages.ts';
import { Button } from '../../ui/button.tsx';
import { List } from '../../ui/list.tsx';
import { Moment } from '../../ui/time.tsx';
import type { JobRequest } from './use-job-request.ts';

const REFRESH_MS = 5_000;

/** The events that a projection could not fold, and those that wait for them. */
export function DeadLetters({
  projection,
  request,
}: {
  readonly projection: string;
  readonly request: JobRequest;
}) {
  const pages = usePages({
    path: projectionPath(projection, 'DeadLetters'),
    key: 'dead_letters',
    schema: deadLetterSchema,
    refreshMs: REFRESH_MS,
  });
  return (
    <div className="subsection">
      <div className="section-head">
        <h3 className="label">Dead letters</h3>
        <Button isBusy={request.isBusy} onClick={() => request.ask({ Kind: 'retry' })}>
          Retry all
        </Button>
      </div>
      <List pages={pages} what="dead letters" empty={<p className="muted">None is left.</p>}>
        {(letters) => (
          <div className="table-scroll">
            <table className="table">
              <thead>
                <tr>
                  <th scope="col">Event</th>
                  <th scope="col">At</th>
                  <th scope="col">Why</th>
                  <th scope="col">
                    <span className="visually-hidden">Actions</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {letters.map(({ event, type, error, waits, date_effective: at }) => (
                  <tr key={event}>
                    <td className="break">
                      {type} <code className="sid">{event}</code>
                    </td>
                    <td>
                      <Moment iso={at} />
                    </td>
                    <td className="break">{waits ? 'waits for an earlier event' : error}</td>
                    <td className="actions">
                      {!waits && (
                        <Button
                          kind="quiet"
                          isBusy={request.isBusy}
                          aria-label={`Skip ${event}`}
                          onClick={() => request.ask({ Kind: 'skip', Event: event })}
                        >
                          Skip for good
                        </Button>
                      )}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </List>
    </div>
  );
}
