import { servicePath } from '../../api/paths.ts';
import { userSchema } from '../../api/schemas.ts';
import { usePages } from '../../api/use-pages.ts';
import { CallButton } from '../../ui/call-button.tsx';
import { Empty, Failure, Loading } from '../../ui/states.tsx';
import { SERVICE_URL } from '../../locations.ts';
import { ServiceHeader } from '../service/service-header.tsx';
import { useService } from '../service/service-context.ts';
import { UsersTable } from './users-table.tsx';

const PARAMETERS = { PageSize: '100', Reachability: 'true' };

/** The Users of a Service, with their live states. */
export function UsersPage() {
  const service = useService();
  const path = servicePath(service.sid, 'Users');
  const users = usePages({ path, key: 'users', schema: userSchema, parameters: PARAMETERS });
  return (
    <div className="fill">
      <ServiceHeader
        page="Users"
        actions={
          <CallButton
            path={`${path}?Reachability=true`}
            cli={`users list --service ${service.sid} --reachability`}
          />
        }
      />
      {users.items === null ? (
        <NotLoaded error={users.error} onRetry={users.reload} />
      ) : users.items.length === 0 ? (
        <NoUsers service={service.sid} />
      ) : (
        // Answers from before a change of the flag do not count.
        <UsersTable
          key={String(service.reachability_enabled)}
          service={service.sid}
          users={users.items}
          pages={users}
        />
      )}
    </div>
  );
}

function NotLoaded({
  error,
  onRetry,
}: {
  readonly error: Error | null;
  readonly onRetry: () => void;
}) {
  return error === null ? (
    <Loading what="the Users" rows={12} />
  ) : (
    <Failure error={error} onRetry={onRetry} />
  );
}

function NoUsers({ service }: { readonly service: string }) {
  const command = `curl -u "$ACCOUNT_SID:$AUTH_TOKEN" ${SERVICE_URL}${servicePath(service, 'Users')} -d Identity=alice`;
  return (
    <Empty title="No User yet" command={command}>
      A User appears with the first connect of its client, or when you create it with the API.
    </Empty>
  );
}
