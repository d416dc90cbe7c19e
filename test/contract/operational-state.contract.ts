import { apiKeySecretsContract } from './operational-state/api-key-secrets.contract.ts';
import { idempotencyStoreContract } from './operational-state/idempotency.contract.ts';
import { leasesContract } from './operational-state/leases.contract.ts';
import type { OpenTwice } from './operational-state/opened.ts';
import { projectionJobsContract } from './operational-state/projection-jobs.contract.ts';
import { ttlsContract } from './operational-state/ttls.contract.ts';
import { webhooksContract } from './operational-state/webhooks.contract.ts';

/** What every adapter of operational state does. */
export function operationalStateContract(adapter: string, open: OpenTwice): void {
  apiKeySecretsContract(adapter, open);
  idempotencyStoreContract(adapter, open);
  leasesContract(adapter, open);
  projectionJobsContract(adapter, open);
  ttlsContract(adapter, open);
  webhooksContract(adapter, open);
}
