import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ForeignText } from '../../ui/foreign-text.tsx';
import { API_KEYS } from '../../api/paths.ts';
import { apiKeySchema, type ApiKey } from '../../api/operations-schemas.ts';
import { usePages } from '../../api/use-pages.ts';
import { useApi } from '../../session/session.tsx';
import { Button } from '../../ui/button.tsx';
import { CallButton } from '../../ui/call-button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { List } from '../../ui/list.tsx';
import { PageHeader } from '../../ui/page-header.tsx';
import { Empty } from '../../ui/states.tsx';
import { CreateKey } from './create-key.tsx';
import { KeysTable } from './keys-table.tsx';

const REFRESH_MS = 10_000;

/** The API keys that were created with the API or the command line. */
export function KeysPage() {
  const api = useApi();
  const queries = useQueryClient();
  const [isCreating, setIsCreating] = useState(false);
  const [revoked, setRevoked] = useState<ApiKey | null>(null);
  const keys = usePages({
    path: API_KEYS,
    key: 'api_keys',
    schema: apiKeySchema,
    refreshMs: REFRESH_MS,
  });
  const revoke = useMutation({
    mutationFn: (sid: string) => api.delete(`${API_KEYS}/${sid}`),
    onSuccess: async () => {
      setRevoked(null);
      await queries.invalidateQueries({ queryKey: [API_KEYS] });
    },
  });
  return (
    <>
      <PageHeader
        title="API keys"
        documentTitle="API keys"
        actions={
          <>
            <CallButton path={API_KEYS} cli="keys list" />
            <Button kind="primary" onClick={() => setIsCreating(true)}>
              Create key
            </Button>
          </>
        }
      />
      <List
        pages={keys}
        what="keys"
        empty={
          <Empty title="No key yet" command="npx reachability keys create NAME --scope read">
            A key can do what its scopes allow, until it expires or you revoke it. The keys of the
            settings are not listed here.
          </Empty>
        }
      >
        {(items) => <KeysTable keys={items} onRevoke={setRevoked} />}
      </List>
      {isCreating && <CreateKey onClose={() => setIsCreating(false)} />}
      {revoked !== null && (
        <Confirm
          title="Revoke this key?"
          action="Revoke"
          isBusy={revoke.isPending}
          error={revoke.error}
          onConfirm={() => revoke.mutate(revoked.sid)}
          onClose={() => setRevoked(null)}
        >
          <ForeignText>{revoked.friendly_name}</ForeignText> ends for good. Requests with it get
          401, and the sockets of tokens that it signed are closed.
        </Confirm>
      )}
    </>
  );
}
