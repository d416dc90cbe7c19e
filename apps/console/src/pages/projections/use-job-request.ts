import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { Parameters } from '../../api/api.ts';
import { projectionPath } from '../../api/paths.ts';
import { jobSchema } from '../../api/operations-schemas.ts';
import { useApi } from '../../session/session.tsx';

/** Asks for jobs on a projection. */
export interface JobRequest {
  readonly ask: (parameters: Parameters & { readonly Kind: string }) => void;
  readonly isBusy: boolean;
  readonly error: Error | null;
}

export function useJobRequest(projection: string): JobRequest {
  const api = useApi();
  const queries = useQueryClient();
  const path = projectionPath(projection, 'Jobs');
  const request = useMutation({
    mutationFn: (parameters: Parameters) => api.post(path, jobSchema, parameters),
    onSettled: () => queries.invalidateQueries({ queryKey: [path] }),
  });
  return { ask: request.mutate, isBusy: request.isPending, error: request.error };
}
