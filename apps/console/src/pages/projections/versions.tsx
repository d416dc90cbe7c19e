import type { Projection } from '../../api/operations-schemas.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Ago } from '../../ui/time.tsx';
import type { JobRequest } from './use-job-request.ts';

/** The versions of a projection. One that was kept can be made live again, or dropped. */
export function Versions({
  versions,
  request,
}: {
  readonly versions: Projection['versions'];
  readonly request: JobRequest;
}) {
  const act = (kind: string, version: number) => (
    <Button
      kind="quiet"
      isBusy={request.isBusy}
      aria-label={`${kind === 'drop' ? 'Drop' : 'Switch to'} version ${version}`}
      onClick={() => request.ask({ Kind: kind, Version: String(version) })}
    >
      {kind === 'drop' ? 'Drop' : 'Switch to it'}
    </Button>
  );
  return (
    <div className="table-scroll">
      <table className="table">
        <thead>
          <tr>
            <th scope="col">Version</th>
            <th scope="col">State</th>
            <th scope="col" className="wide-only">
              Position
            </th>
            <th scope="col">Last moved</th>
            <th scope="col">
              <span className="visually-hidden">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {versions.map(({ version, state, position, date_moved: moved }) => (
            <tr key={version}>
              <td>{version}</td>
              <td>
                <Badge tone={state === 'live' ? 'good' : 'neutral'}>{state}</Badge>
              </td>
              <td className="wide-only">
                <code className="sid">{position ?? '–'}</code>
              </td>
              <td>{moved === null ? '–' : <Ago iso={moved} />}</td>
              <td className="actions">
                {state === 'kept' && act('switch', version)}
                {state !== 'live' && act('drop', version)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
