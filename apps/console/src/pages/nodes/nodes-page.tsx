import { ForeignText } from '../../ui/foreign-text.tsx';
import { NODES } from '../../api/paths.ts';
import { nodeSchema, type ClusterNode } from '../../api/operations-schemas.ts';
import { usePages } from '../../api/use-pages.ts';
import { Badge } from '../../ui/badge.tsx';
import { CallButton } from '../../ui/call-button.tsx';
import { inDuration } from '../../ui/durations.ts';
import { List } from '../../ui/list.tsx';
import { PageHeader } from '../../ui/page-header.tsx';
import { Empty } from '../../ui/states.tsx';
import { Ago } from '../../ui/time.tsx';

const REFRESH_MS = 2_000;

/** The processes that hold sockets, and their leases. */
export function NodesPage() {
  const nodes = usePages({ path: NODES, key: 'nodes', schema: nodeSchema, refreshMs: REFRESH_MS });
  return (
    <>
      <PageHeader title="Nodes" documentTitle="Nodes" actions={<CallButton path={NODES} />}>
        <p className="muted">
          The processes that hold sockets. One that does not renew its lease for 6 s is lost, and
          its Connections are closed after the grace period.
        </p>
      </PageHeader>
      <List
        pages={nodes}
        what="nodes"
        empty={<Empty title="No node">A process with ROLE=all or ROLE=api is a node.</Empty>}
      >
        {(items) => <NodesTable nodes={items} />}
      </List>
    </>
  );
}

function NodesTable({ nodes }: { readonly nodes: readonly ClusterNode[] }) {
  return (
    <div className="table-scroll">
      <table className="table">
        <thead>
          <tr>
            <th scope="col">Node</th>
            <th scope="col">Status</th>
            <th scope="col">Lease</th>
            <th scope="col" className="number">
              Connections
            </th>
            <th scope="col" className="wide-only">
              Role
            </th>
            <th scope="col" className="wide-only">
              Version
            </th>
            <th scope="col" className="wide-only number">
              Starts
            </th>
            <th scope="col">Started</th>
          </tr>
        </thead>
        <tbody>
          {nodes.map((node) => (
            <tr key={node.node_id}>
              <th scope="row">
                <ForeignText>{node.node_id}</ForeignText>
              </th>
              <td>
                <Badge tone={node.status === 'running' ? 'good' : 'neutral'}>{node.status}</Badge>
              </td>
              <td>
                <Lease node={node} />
              </td>
              <td className="number">{node.connections ?? '–'}</td>
              <td className="wide-only">{node.role ?? '–'}</td>
              <td className="wide-only">{node.program_version ?? '–'}</td>
              <td className="wide-only number">{node.incarnation}</td>
              <td>{node.date_started === null ? '–' : <Ago iso={node.date_started} />}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** A node that runs and holds no lease is about to be lost. */
function Lease({
  node: { status, lease_status: lease, lease_age_ms: age },
}: {
  readonly node: ClusterNode;
}) {
  if (status === 'ended') return <span className="muted">{lease}</span>;
  return (
    <>
      <Badge tone={lease === 'held' ? 'good' : 'bad'}>{lease}</Badge>
      {age !== null && <span className="muted"> renewed {inDuration(age)} ago</span>}
    </>
  );
}
