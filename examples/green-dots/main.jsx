import { useState } from 'react';
import { createRoot } from 'react-dom/client';
import {
  PresenceDot,
  ReachabilityProvider,
  useReachability,
  useReachabilityConnection,
  useUser,
} from '@reachability/client/react';

const TEAM = ['ada', 'grace', 'katherine', 'linus'];

/** Your back end decides who is signed in. Here the page says so itself. */
const fetchToken = async (identity) => {
  const response = await fetch(`./token?identity=${encodeURIComponent(identity)}`);
  if (!response.ok) throw new Error(await response.text());
  return response.text();
};

function Colleague({ identity }) {
  const { isOnline, isNotifiable } = useUser(identity);
  return (
    <li>
      <PresenceDot user={identity} />
      {identity}
      {isOnline === false && isNotifiable === true && ' (a push reaches them)'}
    </li>
  );
}

function Team() {
  const { state, error } = useReachabilityConnection();
  const users = useReachability(TEAM);
  const online = TEAM.filter((identity) => users.get(identity)?.isOnline);
  return (
    <>
      <h1>{online.length} online</h1>
      <ul>
        {TEAM.map((identity) => (
          <Colleague key={identity} identity={identity} />
        ))}
      </ul>
      {state !== 'connected' && <p role="status">{error?.message ?? 'Connecting'}</p>}
    </>
  );
}

function App() {
  const [me, setMe] = useState(null);
  if (me === null) {
    return (
      <>
        <h1>Who are you?</h1>
        {TEAM.map((identity) => (
          <button key={identity} onClick={() => setMe(identity)}>
            {identity}
          </button>
        ))}
      </>
    );
  }
  return (
    <ReachabilityProvider
      key={me}
      url={import.meta.env.VITE_REACHABILITY_URL}
      tokenProvider={() => fetchToken(me)}
    >
      <Team />
      <button onClick={() => setMe(null)}>Sign out</button>
    </ReachabilityProvider>
  );
}

createRoot(document.getElementById('root')).render(<App />);
