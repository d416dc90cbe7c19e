import type { ReactNode } from 'react';
import { ForeignText } from '../../ui/foreign-text.tsx';
import { PageHeader } from '../../ui/page-header.tsx';
import { ReachabilitySwitch } from '../services/reachability-switch.tsx';
import { useService } from './service-context.ts';
import { ServiceTabs } from './service-tabs.tsx';

const ABOVE = [{ to: '/services', name: 'Services' }];

/** Heading of each page of a Service: its name, its switch, and its pages. */
export function ServiceHeader({
  page,
  actions,
}: {
  readonly page: string;
  readonly actions?: ReactNode;
}) {
  const service = useService();
  const name = service.friendly_name === '' ? service.sid : service.friendly_name;
  return (
    <PageHeader
      title={<ForeignText>{name}</ForeignText>}
      documentTitle={`${page} of ${name}`}
      above={ABOVE}
      actions={
        <>
          <ReachabilitySwitch service={service} />
          {actions}
        </>
      }
    >
      <ServiceTabs service={service.sid} />
    </PageHeader>
  );
}
