import { NavLink } from 'react-router';
import { useSession } from '../session/session.tsx';
import { Button } from '../ui/button.tsx';
import { Logo } from '../ui/logo.tsx';
import { ThemeToggle } from '../ui/theme.tsx';

const PAGES = [
  { to: '/services', name: 'Services' },
  { to: '/projections', name: 'Projections' },
  { to: '/nodes', name: 'Nodes' },
  { to: '/keys', name: 'API keys' },
] as const;

export function Navigation() {
  const { session, signOut } = useSession();
  return (
    <header className="nav">
      <div className="nav-brand">
        <Logo />
        Reachability
      </div>
      <nav aria-label="Pages" className="nav-pages">
        {PAGES.map(({ to, name }) => (
          <NavLink key={to} to={to} className="nav-link">
            {name}
          </NavLink>
        ))}
      </nav>
      <div className="nav-foot">
        <ThemeToggle />
        <p className="nav-who" title={session?.api.sid}>
          {session?.api.sid}
        </p>
        <Button kind="quiet" onClick={signOut}>
          Sign out
        </Button>
      </div>
    </header>
  );
}
