import { RouterProvider } from 'react-router/dom';
import { createRouter } from './routes.tsx';
import { SessionProvider, useSession } from './session/session.tsx';
import { SignIn } from './session/sign-in.tsx';
import { ThemeProvider } from './ui/theme.tsx';

const router = createRouter();

/** The console: a form to sign in, then the page that the address names. */
export function App() {
  return (
    <ThemeProvider>
      <SessionProvider>
        <Entrance />
      </SessionProvider>
    </ThemeProvider>
  );
}

function Entrance() {
  const { session } = useSession();
  return session === null ? <SignIn /> : <RouterProvider router={router} />;
}
