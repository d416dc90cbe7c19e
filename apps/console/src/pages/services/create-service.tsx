import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { SyntheticEvent } from 'react';
import { useNavigate } from 'react-router';
import { SERVICES } from '../../api/paths.ts';
import { serviceSchema } from '../../api/schemas.ts';
import { useApi } from '../../session/session.tsx';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { textField } from '../../ui/form.ts';
import { ErrorText } from '../../ui/states.tsx';

export function CreateService({ onClose }: { readonly onClose: () => void }) {
  const api = useApi();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const create = useMutation({
    mutationFn: (name: string) => api.post(SERVICES, serviceSchema, { FriendlyName: name }),
    onSuccess: async ({ sid }) => {
      await queries.invalidateQueries({ queryKey: [SERVICES] });
      await navigate(`/services/${sid}/users`);
    },
  });
  const submit = (event: SyntheticEvent<HTMLFormElement>): void => {
    event.preventDefault();
    create.mutate(textField(event.currentTarget, 'name'));
  };
  return (
    <Dialog title="Create a Service" onClose={onClose}>
      <form className="form" onSubmit={submit}>
        <label className="field">
          <span className="field-label">Name</span>
          <input name="name" type="text" required maxLength={256} autoComplete="off" />
        </label>
        <p className="muted">
          Reachability is disabled for a new Service. Enable it with its switch.
        </p>
        <ErrorText error={create.error} />
        <div className="dialog-actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" isBusy={create.isPending}>
            Create
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
