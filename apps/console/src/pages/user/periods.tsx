import type { Interval } from '../../api/schemas.ts';
import { Button } from '../../ui/button.tsx';
import { inDuration } from '../../ui/durations.ts';
import { useNow } from '../../ui/now.ts';
import { PresenceMark, PushMark } from '../../ui/presence.tsx';
import { Moment } from '../../ui/time.tsx';

/** The periods of a timeline as a table, newest first. */
export function Periods({
  intervals,
  onPick,
}: {
  readonly intervals: readonly Interval[];
  readonly onPick: (at: string) => void;
}) {
  const now = useNow();
  return (
    <details className="more-details">
      <summary>The same as a table</summary>
      <div className="table-scroll">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">State</th>
              <th scope="col">From</th>
              <th scope="col">For</th>
              <th scope="col">Push</th>
              <th scope="col">Because of</th>
              <th scope="col">
                <span className="visually-hidden">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {intervals.map((interval) => {
              const until = interval.until === null ? now : Date.parse(interval.until);
              return (
                <tr key={interval.version}>
                  <td>
                    <PresenceMark isOnline={interval.is_online} />
                  </td>
                  <td>
                    <Moment iso={interval.from} />
                  </td>
                  <td className="time">{inDuration(until - Date.parse(interval.from))}</td>
                  <td>
                    <PushMark isNotifiable={interval.is_notifiable} />
                  </td>
                  <td>
                    {interval.event.type}
                    {interval.cause !== null && ` (${interval.cause})`}
                  </td>
                  <td className="actions">
                    <Button kind="quiet" onClick={() => onPick(interval.from)}>
                      Show
                    </Button>
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </details>
  );
}
