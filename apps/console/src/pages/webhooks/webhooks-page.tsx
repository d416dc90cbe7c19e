import { useState } from 'react';
import { servicePath } from '../../api/paths.ts';
import { deliverySchema } from '../../api/operations-schemas.ts';
import { usePages } from '../../api/use-pages.ts';
import { CallButton } from '../../ui/call-button.tsx';
import { List } from '../../ui/list.tsx';
import { Segments } from '../../ui/segments.tsx';
import { Empty } from '../../ui/states.tsx';
import { SERVICE_URL } from '../../locations.ts';
import { ServiceHeader } from '../service/service-header.tsx';
import { useService } from '../service/service-context.ts';
import { DeliveriesTable } from './deliveries-table.tsx';
import { RetryAll } from './retry-all.tsx';

const STATUSES = ['all', 'pending', 'failed', 'delivered', 'dead'] as const;
const REFRESH_MS = 5_000;

/** The webhook deliveries of a Service, and what became of them. */
export function WebhooksPage() {
  const service = useService();
  const [status, setStatus] = useState<(typeof STATUSES)[number]>('all');
  const path = servicePath(service.sid, 'Webhooks', 'Deliveries');
  const pages = usePages({
    path,
    key: 'deliveries',
    schema: deliverySchema,
    parameters: { Status: status === 'all' ? undefined : status },
    refreshMs: REFRESH_MS,
  });
  return (
    <>
      <ServiceHeader
        page="Webhooks"
        actions={
          <>
            <RetryAll service={service.sid} />
            <CallButton path={path} cli={`webhooks list --service ${service.sid}`} />
          </>
        }
      />
      <div className="toolbar">
        <Segments name="Status" values={STATUSES} value={status} onChange={setStatus} />
      </div>
      <List
        pages={pages}
        what="deliveries"
        empty={<NoDeliveries hasUrl={service.post_webhook_url !== null} service={service.sid} />}
      >
        {(items) => <DeliveriesTable service={service.sid} deliveries={items} />}
      </List>
    </>
  );
}

function NoDeliveries({ hasUrl, service }: { readonly hasUrl: boolean; readonly service: string }) {
  if (hasUrl) {
    return (
      <Empty title="No delivery here">
        A change of a User whose event is in the filters of the Service makes one.
      </Empty>
    );
  }
  const command =
    `curl -u "$ACCOUNT_SID:$AUTH_TOKEN" ${SERVICE_URL}${servicePath(service)} ` +
    '-d PostWebhookUrl=https://example.com/hook -d WebhookFilters=onUserUpdated';
  return (
    <Empty title="This Service has no webhook" command={command}>
      Set an address, and each change of a User is sent to it.
    </Empty>
  );
}
