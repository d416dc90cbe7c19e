import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { userPath } from '../../api/paths.ts';
import { explanationSchema } from '../../api/schemas.ts';
import { useApi } from '../../session/session.tsx';

/** Returns the answer about a User and why it is so: at a time in ISO 8601, or now where that is null. */
export function useExplanation(service: string, user: string, at: string | null) {
  const api = useApi();
  const path = userPath(service, user, 'Reachability', 'Explanation');
  const parameters = at === null ? {} : { AsOf: at };
  return useQuery({
    queryKey: [path, parameters],
    queryFn: ({ signal }) => api.get(path, explanationSchema, parameters, { signal }),
    placeholderData: keepPreviousData,
  });
}
