import { useQuery } from '@tanstack/react-query';
import { Outlet, useParams } from 'react-router';
import { ApiError } from '../../api/api-error.ts';
import { servicePath } from '../../api/paths.ts';
import { serviceSchema } from '../../api/schemas.ts';
import { LiveProvider } from '../../live/live-context.tsx';
import { useApi } from '../../session/session.tsx';
import { Failure, Loading } from '../../ui/states.tsx';
import { ServiceContext } from './service-context.ts';

const REFRESH_MS = 10_000;

/** Everything about one Service. */
export function ServiceLayout() {
  const { service: sid = '' } = useParams();
  const api = useApi();
  const { data, error, refetch } = useQuery({
    queryKey: [servicePath(sid)],
    queryFn: ({ signal }) => api.get(servicePath(sid), serviceSchema, {}, { signal }),
    refetchInterval: REFRESH_MS,
  });
  // After a failure the page stays as it was, but not that of a Service that was deleted meanwhile.
  const isGone = error instanceof ApiError && error.status === 404;
  if (data === undefined || isGone) {
    return error === null ? (
      <Loading what="the Service" />
    ) : (
      <Failure error={error} onRetry={() => void refetch()} />
    );
  }
  return (
    <ServiceContext value={data}>
      <LiveProvider service={sid}>
        <Outlet />
      </LiveProvider>
    </ServiceContext>
  );
}
