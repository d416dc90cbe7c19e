import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ForeignText } from '../../ui/foreign-text.tsx';
import { servicePath } from '../../api/paths.ts';
import { serviceSchema, type Service } from '../../api/schemas.ts';
import { useApi } from '../../session/session.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { ErrorText } from '../../ui/states.tsx';

/** Enables and disables reachability for a Service. It asks before it disables: all states are lost then. */
export function ReachabilitySwitch({ service }: { readonly service: Service }) {
  const api = useApi();
  const queries = useQueryClient();
  const [isAsking, setIsAsking] = useState(false);
  const change = useMutation({
    mutationFn: (isEnabled: boolean) =>
      api.post(servicePath(service.sid), serviceSchema, { ReachabilityEnabled: String(isEnabled) }),
    onSuccess: async () => {
      setIsAsking(false);
      await queries.invalidateQueries();
    },
  });
  const isEnabled = service.reachability_enabled;
  return (
    <>
      <button
        type="button"
        role="switch"
        className="switch"
        aria-checked={isEnabled}
        aria-label={`Reachability of ${service.friendly_name}`}
        disabled={change.isPending}
        onClick={() => (isEnabled ? setIsAsking(true) : change.mutate(true))}
      >
        <span className="switch-track" aria-hidden="true" />
        <span aria-hidden="true">{isEnabled ? 'Enabled' : 'Disabled'}</span>
      </button>
      {!isAsking && <ErrorText error={change.error} />}
      {isAsking && (
        <Confirm
          title="Disable reachability?"
          action="Disable"
          isBusy={change.isPending}
          error={change.error}
          onConfirm={() => change.mutate(false)}
          onClose={() => setIsAsking(false)}
        >
          Every User of <ForeignText>{service.friendly_name}</ForeignText> becomes unknown at once.
          After it is enabled again, each stays unknown until the next connect: the old states do
          not come back. The event log keeps all history.
        </Confirm>
      )}
    </>
  );
}
