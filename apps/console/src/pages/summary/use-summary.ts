import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { servicePath } from '../../api/paths.ts';
import { summarySchema } from '../../api/schemas.ts';
import { useApi } from '../../session/session.tsx';

export type Resolution = 'none' | 'minute' | 'hour';

/** Returns how many Users of a Service are online, now and over time, and reads it again and again. */
export function useSummary(service: string, resolution: Resolution, refreshMs: number) {
  const api = useApi();
  const path = servicePath(service, 'Reachability', 'Summary');
  const parameters = { Resolution: resolution };
  return useQuery({
    queryKey: [path, parameters],
    queryFn: ({ signal }) => api.get(path, summarySchema, parameters, { signal }),
    placeholderData: keepPreviousData,
    refetchInterval: refreshMs,
  });
}
