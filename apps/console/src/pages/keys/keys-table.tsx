import { ForeignText } from '../../ui/foreign-text.tsx';
import type { ApiKey } from '../../api/operations-schemas.ts';
import { Button } from '../../ui/button.tsx';
import { Sid } from '../../ui/sid.tsx';
import { Ago, Moment } from '../../ui/time.tsx';

export function KeysTable({
  keys,
  onRevoke,
}: {
  readonly keys: readonly ApiKey[];
  readonly onRevoke: (key: ApiKey) => void;
}) {
  return (
    <div className="table-scroll">
      <table className="table">
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Scopes</th>
            <th scope="col" className="wide-only">
              SID
            </th>
            <th scope="col" className="wide-only">
              Services
            </th>
            <th scope="col">Last used</th>
            <th scope="col" className="wide-only">
              Expires
            </th>
            <th scope="col">
              <span className="visually-hidden">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {keys.map((key) => (
            <tr key={key.sid}>
              <th scope="row">
                <ForeignText>{key.friendly_name}</ForeignText>
              </th>
              <td>{key.scopes.join(', ')}</td>
              <td className="wide-only">
                <Sid sid={key.sid} />
              </td>
              <td className="wide-only">{key.services === null ? 'all' : key.services.length}</td>
              <td>{key.last_used === null ? 'never' : <Ago iso={key.last_used} />}</td>
              <td className="wide-only">
                {key.date_expires === null ? 'never' : <Moment iso={key.date_expires} />}
              </td>
              <td className="actions">
                <Button onClick={() => onRevoke(key)} aria-label={`Revoke ${key.friendly_name}`}>
                  Revoke
                </Button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
