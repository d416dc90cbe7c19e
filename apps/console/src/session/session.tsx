import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { createContext, use, useCallback, useMemo, useState, type ReactNode } from 'react';
import { Api, type Credentials } from '../api/api.ts';
import { ApiError } from '../api/api-error.ts';
import { SERVICES } from '../api/paths.ts';
import { SERVICE_URL } from '../locations.ts';

interface Session {
  readonly api: Api;
  readonly queries: QueryClient;
}

interface SessionContext {
  readonly session: Session | null;
  /** Whether the last session ended because its credentials are no longer valid. */
  readonly hasExpired: boolean;
  /** @throws ApiError where the credentials are wrong */
  readonly signIn: (credentials: Credentials) => Promise<void>;
  readonly signOut: () => void;
}

const Context = createContext<SessionContext | null>(null);

/** Holds who is signed in, in memory only: a reload of the page asks again. */
export function SessionProvider({ children }: { readonly children: ReactNode }) {
  const [session, setSession] = useState<Session | null>(null);
  const [hasExpired, setHasExpired] = useState(false);
  const end = useCallback((expired: boolean) => {
    setSession(null);
    setHasExpired(expired);
  }, []);
  const value = useMemo(
    (): SessionContext => ({
      session,
      hasExpired,
      signIn: async (credentials) => {
        const api = new Api(SERVICE_URL, credentials);
        await checkCredentials(api);
        api.onUnauthenticated = () => end(true);
        setSession({ api, queries: createQueryClient() });
        setHasExpired(false);
      },
      signOut: () => end(false),
    }),
    [session, hasExpired, end],
  );
  return (
    <Context value={value}>
      {session === null ? (
        children
      ) : (
        <QueryClientProvider client={session.queries}>{children}</QueryClientProvider>
      )}
    </Context>
  );
}

/** A key without the right to list Services is valid: pages say what it may not see. */
async function checkCredentials(api: Api): Promise<void> {
  try {
    await api.send('GET', `${SERVICES}?PageSize=1`);
  } catch (error) {
    if (error instanceof ApiError && error.status === 403) return;
    throw error;
  }
}

function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        retry: (failures, error) => failures < 2 && isTransient(error),
        staleTime: 2_000,
      },
    },
  });
}

function isTransient(error: Error): boolean {
  return !(error instanceof ApiError) || error.status >= 500 || error.status === 429;
}

export function useSession(): SessionContext {
  const context = use(Context);
  if (context === null) throw new Error('There is no session provider');
  return context;
}

/** Returns the API as who is signed in. */
export function useApi(): Api {
  const { session } = useSession();
  if (session === null) throw new Error('Nobody is signed in');
  return session.api;
}
