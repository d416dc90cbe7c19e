import { servicePath } from '../../api/paths.ts';
import { CallButton } from '../../ui/call-button.tsx';
import { EventList } from '../../ui/event-list.tsx';
import { ServiceHeader } from './service-header.tsx';
import { useService } from './service-context.ts';

const TYPES = [
  'ServiceCreated',
  'ServiceUpdated',
  'ServiceDeleted',
  'ReachabilityEnabled',
  'ReachabilityDisabled',
];

/** Who changed what about a Service. */
export function ServiceEventsPage() {
  const { sid } = useService();
  const path = servicePath(sid, 'Reachability', 'Events');
  return (
    <>
      <ServiceHeader
        page="Events"
        actions={<CallButton path={path} cli={`audit service ${sid}`} />}
      />
      <EventList path={path} types={TYPES} />
    </>
  );
}
