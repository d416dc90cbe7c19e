import { userPath } from '../../api/paths.ts';
import { CallButton } from '../../ui/call-button.tsx';
import { EventList } from '../../ui/event-list.tsx';

const TYPES = [
  'UserCreated',
  'UserUpdated',
  'UserDeleted',
  'ConnectionOpened',
  'ConnectionClosed',
  'BindingRegistered',
  'BindingRemoved',
  'TokensRevoked',
];

/** Every event of a User. */
export function UserEvents({ service, user }: { readonly service: string; readonly user: string }) {
  const path = userPath(service, user, 'Reachability', 'Events');
  return (
    <section aria-labelledby="events" className="section">
      <div className="section-head">
        <h2 id="events" className="section-title">
          All events
        </h2>
        <CallButton path={path} cli={`events replay --stream user-${user}`} />
      </div>
      <EventList path={path} types={TYPES} />
    </section>
  );
}
