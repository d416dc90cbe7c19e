import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { SyntheticEvent } from 'react';
import { ForeignText } from '../../ui/foreign-text.tsx';
import { API_KEYS } from '../../api/paths.ts';
import { issuedApiKeySchema, type IssuedApiKey } from '../../api/operations-schemas.ts';
import { useApi } from '../../session/session.tsx';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { checkedFields, textField } from '../../ui/form.ts';
import { Snippet } from '../../ui/snippet.tsx';
import { ErrorText } from '../../ui/states.tsx';

const SCOPES = [
  { scope: 'read', text: 'reads everything, changes nothing' },
  { scope: 'admin', text: 'does everything except sign tokens' },
  { scope: 'sign', text: 'signs access tokens of clients' },
] as const;

/** Creates a key, and shows its secret once. */
export function CreateKey({ onClose }: { readonly onClose: () => void }) {
  const api = useApi();
  const queries = useQueryClient();
  const create = useMutation({
    mutationFn: (form: HTMLFormElement) => {
      const services = textField(form, 'services');
      return api.post(API_KEYS, issuedApiKeySchema, {
        FriendlyName: textField(form, 'name'),
        Scopes: checkedFields(form, 'scope'),
        Services: services === '' ? undefined : services.split(/[\s,]+/),
      });
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: [API_KEYS] }),
    // The secret is not kept longer than its dialog is open.
    gcTime: 0,
  });
  const submit = (event: SyntheticEvent<HTMLFormElement>): void => {
    event.preventDefault();
    create.mutate(event.currentTarget);
  };
  if (create.data !== undefined) return <Issued issued={create.data} onClose={onClose} />;
  return (
    <Dialog title="Create an API key" onClose={onClose}>
      <form className="form" onSubmit={submit}>
        <label className="field">
          <span className="field-label">Name</span>
          <input name="name" type="text" required maxLength={256} autoComplete="off" />
        </label>
        <fieldset className="checks">
          <legend className="field-label">Scopes</legend>
          {SCOPES.map(({ scope, text }) => (
            <label key={scope} className="check">
              <input type="checkbox" name="scope" value={scope} defaultChecked={scope === 'read'} />
              <span>
                {scope} <span className="muted">{text}</span>
              </span>
            </label>
          ))}
        </fieldset>
        <label className="field">
          <span className="field-label">Services, by SID; all if empty</span>
          <input name="services" type="text" autoComplete="off" placeholder="IS…" />
        </label>
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

function Issued({
  issued,
  onClose,
}: {
  readonly issued: IssuedApiKey;
  readonly onClose: () => void;
}) {
  return (
    <Dialog title="The secret is shown only now" onClose={onClose}>
      <p>
        Copy the secret of <ForeignText>{issued.friendly_name}</ForeignText>. Nothing shows it
        again.
      </p>
      <h3 className="label">SID</h3>
      <Snippet text={issued.sid} label="SID" />
      <h3 className="label">Secret</h3>
      <Snippet text={issued.secret} label="secret" />
      <div className="dialog-actions">
        <Button kind="primary" onClick={onClose}>
          Done
        </Button>
      </div>
    </Dialog>
  );
}
