import { useState } from 'react';
import type { SummaryPoint } from '../../api/schemas.ts';
import { Moment } from '../../ui/time.tsx';

const MOST_ROWS = 100;

/** The latest points of the chart. */
export function SummaryTable({ points }: { readonly points: readonly SummaryPoint[] }) {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <details
      className="more-details"
      onToggle={({ currentTarget }) => setIsOpen(currentTarget.open)}
    >
      <summary>The same as a table</summary>
      {isOpen && (
        <div className="table-scroll">
          <table className="table">
            <thead>
              <tr>
                <th scope="col">From</th>
                <th scope="col" className="number">
                  Online
                </th>
                <th scope="col" className="number">
                  Offline
                </th>
                <th scope="col" className="number">
                  Unknown
                </th>
                <th scope="col" className="number">
                  With push
                </th>
              </tr>
            </thead>
            <tbody>
              {points
                .slice(-MOST_ROWS)
                .reverse()
                .map(({ time, online, offline, unknown, notifiable }) => (
                  <tr key={time}>
                    <td>
                      <Moment iso={time} />
                    </td>
                    <td className="number">{online.toLocaleString()}</td>
                    <td className="number">{offline.toLocaleString()}</td>
                    <td className="number">{unknown.toLocaleString()}</td>
                    <td className="number">{notifiable.toLocaleString()}</td>
                  </tr>
                ))}
            </tbody>
          </table>
        </div>
      )}
    </details>
  );
}
