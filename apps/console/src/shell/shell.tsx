import { useEffect, useRef } from 'react';
import { Outlet, useLocation, useNavigation } from 'react-router';
import { Navigation } from './navigation.tsx';
import { StaleBanner } from './stale-banner.tsx';

/** What every page has around it. */
export function Shell() {
  const { pathname } = useLocation();
  const { state } = useNavigation();
  const main = useRef<HTMLElement>(null);
  const shown = useRef(pathname);
  useEffect(() => {
    // A screen reader starts at the new page, as it would after a page load.
    if (shown.current !== pathname) main.current?.focus();
    shown.current = pathname;
  }, [pathname]);
  return (
    <div className="shell">
      <a className="skip" href="#content">
        Skip to content
      </a>
      <Navigation />
      <main id="content" ref={main} className="main" tabIndex={-1} aria-busy={state === 'loading'}>
        <StaleBanner />
        <Outlet />
      </main>
    </div>
  );
}
