import { ForeignText } from '../../ui/foreign-text.tsx';
import type { Job } from '../../api/operations-schemas.ts';

type Difference = NonNullable<NonNullable<Job['result']>['verification']>['shown'][number];

/** Rows of a live version that a rebuild would make otherwise. */
export function Differences({ shown }: { readonly shown: readonly Difference[] }) {
  return (
    <div className="table-scroll">
      <table className="table">
        <thead>
          <tr>
            <th scope="col">Row</th>
            <th scope="col">Difference</th>
            <th scope="col">Live</th>
            <th scope="col">Rebuilt</th>
          </tr>
        </thead>
        <tbody>
          {shown.flatMap(({ table, key, kind, columns }) =>
            (columns.length === 0 ? [{ column: '', live: '', rebuilt: '' }] : columns).map(
              ({ column, live, rebuilt }) => (
                <tr key={`${table}/${key}/${column}`}>
                  <td className="break">
                    {table} <ForeignText>{key}</ForeignText>
                  </td>
                  <td>
                    {kind} {column}
                  </td>
                  <td className="break">
                    <ForeignText>{live}</ForeignText>
                  </td>
                  <td className="break">
                    <ForeignText>{rebuilt}</ForeignText>
                  </td>
                </tr>
              ),
            ),
          )}
        </tbody>
      </table>
    </div>
  );
}
