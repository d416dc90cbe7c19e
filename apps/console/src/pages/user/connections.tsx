import { ForeignText } from '../../ui/foreign-text.tsx';
import { userPath } from '../../api/paths.ts';
import { connectionSchema, type Explanation } from '../../api/schemas.ts';
import { usePages } from '../../api/use-pages.ts';
import { List } from '../../ui/list.tsx';
import { Sid } from '../../ui/sid.tsx';
import { Ago } from '../../ui/time.tsx';
import { nodesOfConnections } from './nodes-of-connections.ts';

/** The open Connections of a User, each with its device and the node that holds it. */
export function Connections({
  service,
  user,
  explanation,
}: {
  readonly service: string;
  readonly user: string;
  /** The present answer: the events that opened the Connections say which node did. */
  readonly explanation: Explanation;
}) {
  const pages = usePages({
    path: userPath(service, user, 'Connections'),
    key: 'connections',
    schema: connectionSchema,
  });
  const nodes = nodesOfConnections(explanation);
  return (
    <section aria-labelledby="connections" className="section">
      <h2 id="connections" className="section-title">
        Open connections
      </h2>
      <List pages={pages} what="connections" empty={<p className="muted">None is open.</p>}>
        {(items) => (
          <div className="table-scroll">
            <table className="table">
              <thead>
                <tr>
                  <th scope="col">Connection</th>
                  <th scope="col">Device</th>
                  <th scope="col">Node</th>
                  <th scope="col">Opened</th>
                </tr>
              </thead>
              <tbody>
                {items.map(({ sid, transport, device_id: device, date_created: opened }) => (
                  <tr key={sid}>
                    <td>
                      {transport} <Sid sid={`…${sid.slice(-6)}`} />
                    </td>
                    <td>
                      <ForeignText>{device ?? '–'}</ForeignText>
                    </td>
                    <td>{nodes.get(sid) ?? (transport === 'http' ? 'none, over HTTP' : '–')}</td>
                    <td>
                      <Ago iso={opened} />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </List>
    </section>
  );
}
