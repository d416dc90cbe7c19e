import { servicePath } from '../../api/paths.ts';
import { userSchema } from '../../api/schemas.ts';
import { usePages, type LoadedPages } from '../../api/use-pages.ts';
import { withQuery } from '../../api/api.ts';
import type { User } from '../../api/schemas.ts';
import { CallButton } from '../../ui/call-button.tsx';
import { Empty, Failure, Loading } from '../../ui/states.tsx';
import { SERVICE_URL } from '../../locations.ts';
import { LiveMark } from '../service/live-mark.tsx';
import { ServiceHeader } from '../service/service-header.tsx';
import { useService } from '../service/service-context.ts';
import { UsersTable } from './users-table.tsx';
import { UsersToolbar } from './users-toolbar.tsx';
import { toCliOptions, toParameters, useUserFilters } from './user-filters.ts';

/** The Users of a Service, with their live states. */
export function UsersPage() {
  const service = useService();
  const { filters, setFilters } = useUserFilters();
  const path = servicePath(service.sid, 'Users');
  const parameters = toParameters(filters);
  const users = usePages({ path, key: 'users', schema: userSchema, parameters });
  const { PageSize: _, ...asked } = parameters;
  return (
    <div className="fill">
      <ServiceHeader
        page="Users"
        actions={
          <>
            <LiveMark />
            <CallButton
              path={withQuery(path, asked)}
              cli={`users list --service ${service.sid} ${toCliOptions(filters)}`}
            />
          </>
        }
      />
      <UsersToolbar filters={filters} onChange={setFilters} onReload={users.reload} />
      <Users service={service.sid} users={users} isFiltered={Object.keys(asked).length > 1} />
    </div>
  );
}

function Users({
  service,
  users,
  isFiltered,
}: {
  readonly service: string;
  readonly users: LoadedPages<User>;
  readonly isFiltered: boolean;
}) {
  const { items, error, hasMore } = users;
  if (items === null) {
    return error === null ? (
      <Loading what="the Users" rows={12} />
    ) : (
      <Failure error={error} onRetry={users.reload} />
    );
  }
  if (items.length > 0 || hasMore)
    return <UsersTable service={service} users={items} pages={users} />;
  if (isFiltered) {
    return <Empty title="No User matches">Change the filters, or show all Users.</Empty>;
  }
  const command = `curl -u "$ACCOUNT_SID:$AUTH_TOKEN" ${SERVICE_URL}${servicePath(service, 'Users')} -d Identity=alice`;
  return (
    <Empty title="No User yet" command={command}>
      A User appears with the first connect of its client, or when you create it with the API.
    </Empty>
  );
}
