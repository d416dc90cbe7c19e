import { useMutation, useQueryClient } from '@tanstack/react-query';
import { servicePath } from '../../api/paths.ts';
import { webhookRetrySchema } from '../../api/operations-schemas.ts';
import { useApi } from '../../session/session.tsx';
import { Button } from '../../ui/button.tsx';
import { ErrorText } from '../../ui/states.tsx';

/** Sends all dead deliveries of a Service again. */
export function RetryAll({ service }: { readonly service: string }) {
  const api = useApi();
  const queries = useQueryClient();
  const list = servicePath(service, 'Webhooks', 'Deliveries');
  const retry = useMutation({
    mutationFn: () => api.post(`${list}/Retries`, webhookRetrySchema, {}),
    onSuccess: () => queries.invalidateQueries({ queryKey: [list] }),
  });
  return (
    <>
      <span role="status" className="muted">
        {retry.data !== undefined && `${retry.data.retried} sent again`}
      </span>
      <ErrorText error={retry.error} />
      <Button isBusy={retry.isPending} onClick={() => retry.mutate()}>
        Retry all dead
      </Button>
    </>
  );
}
