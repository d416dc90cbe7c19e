import { createBrowserRouter, Navigate } from 'react-router';
import { CONSOLE_PATH } from './locations.ts';
import { NotFound } from './pages/not-found.tsx';
import { Shell } from './shell/shell.tsx';
import { RouteFailure } from './shell/route-failure.tsx';
import { ServicesPage } from './pages/services/services-page.tsx';

/** Returns the routes of the console. The files of each page but the first are loaded when it is opened. */
export function createRouter() {
  return createBrowserRouter(
    [
      {
        element: <Shell />,
        errorElement: <RouteFailure />,
        // Pages keep the one before until their files are there, so nothing is shown meanwhile.
        hydrateFallbackElement: <></>,
        children: [
          { index: true, element: <Navigate to="/services" replace /> },
          { path: 'services', element: <ServicesPage /> },
          {
            path: 'services/:service',
            lazy: async () => ({
              Component: (await import('./pages/service/service-layout.tsx')).ServiceLayout,
            }),
            children: [
              { index: true, element: <Navigate to="users" replace /> },
              {
                path: 'users',
                lazy: async () => ({
                  Component: (await import('./pages/users/users-page.tsx')).UsersPage,
                }),
              },
              {
                path: 'users/:user',
                lazy: async () => ({
                  Component: (await import('./pages/user/user-page.tsx')).UserPage,
                }),
              },
              {
                path: 'summary',
                lazy: async () => ({
                  Component: (await import('./pages/summary/summary-page.tsx')).SummaryPage,
                }),
              },
              {
                path: 'events',
                lazy: async () => ({
                  Component: (await import('./pages/service/service-events-page.tsx'))
                    .ServiceEventsPage,
                }),
              },
              {
                path: 'webhooks',
                lazy: async () => ({
                  Component: (await import('./pages/webhooks/webhooks-page.tsx')).WebhooksPage,
                }),
              },
            ],
          },
          {
            path: 'nodes',
            lazy: async () => ({
              Component: (await import('./pages/nodes/nodes-page.tsx')).NodesPage,
            }),
          },
          {
            path: 'projections',
            lazy: async () => ({
              Component: (await import('./pages/projections/projections-page.tsx')).ProjectionsPage,
            }),
          },
          {
            path: 'keys',
            lazy: async () => ({
              Component: (await import('./pages/keys/keys-page.tsx')).KeysPage,
            }),
          },
          { path: '*', element: <NotFound /> },
        ],
      },
    ],
    { basename: CONSOLE_PATH },
  );
}
