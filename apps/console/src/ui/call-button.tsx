import { useState } from 'react';
import { SERVICE_URL } from '../locations.ts';
import { Button } from './button.tsx';
import { Dialog } from './dialog.tsx';
import { Snippet } from './snippet.tsx';

/** Shows the requests that a view stands on, as calls to copy. They name no secret. */
export function CallButton({ path, cli }: { readonly path: string; readonly cli?: string }) {
  const [isOpen, setIsOpen] = useState(false);
  const curl = `curl -u "$ACCOUNT_SID:$AUTH_TOKEN" '${SERVICE_URL}${path.replaceAll("'", '%27')}'`;
  return (
    <>
      <Button onClick={() => setIsOpen(true)}>Copy as…</Button>
      {isOpen && (
        <Dialog title="The same from a terminal" onClose={() => setIsOpen(false)}>
          <p className="muted">An API key works, too: its SID and its secret.</p>
          <h3 className="label">curl</h3>
          <Snippet text={curl} label="curl" />
          {cli !== undefined && (
            <>
              <h3 className="label">Command line, on the machine of the server</h3>
              <Snippet text={`npx reachability ${cli}`} label="command line" />
            </>
          )}
          <div className="dialog-actions">
            <Button onClick={() => setIsOpen(false)}>Close</Button>
          </div>
        </Dialog>
      )}
    </>
  );
}
