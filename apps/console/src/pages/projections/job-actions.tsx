import { useState } from 'react';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import type { JobRequest } from './use-job-request.ts';

/** Starts a rebuild, after a question, or a verification. */
export function JobActions({ request }: { readonly request: JobRequest }) {
  const [isAsking, setIsAsking] = useState(false);
  return (
    <>
      <Button isBusy={request.isBusy} onClick={() => request.ask({ Kind: 'verify' })}>
        Verify
      </Button>
      <Button isBusy={request.isBusy} onClick={() => setIsAsking(true)}>
        Rebuild
      </Button>
      {isAsking && (
        <Confirm
          title="Rebuild from the log?"
          action="Rebuild"
          isBusy={request.isBusy}
          error={null}
          onConfirm={() => {
            request.ask({ Kind: 'rebuild' });
            setIsAsking(false);
          }}
          onClose={() => setIsAsking(false)}
        >
          All events are folded into a new version beside the live one, while the service reads and
          writes. It then becomes the live one. The present one is kept until you drop it.
        </Confirm>
      )}
    </>
  );
}
