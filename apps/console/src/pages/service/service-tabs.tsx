import { NavLink } from 'react-router';

const TABS = [
  { to: 'users', name: 'Users' },
  { to: 'summary', name: 'Summary' },
  { to: 'events', name: 'Events' },
  { to: 'webhooks', name: 'Webhooks' },
] as const;

/** The pages of a Service. */
export function ServiceTabs({ service }: { readonly service: string }) {
  return (
    <nav aria-label="Pages of the Service" className="tabs">
      {TABS.map(({ to, name }) => (
        <NavLink key={to} to={`/services/${service}/${to}`} className="tab">
          {name}
        </NavLink>
      ))}
    </nav>
  );
}
