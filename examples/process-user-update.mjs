/**
 * Follows one User and prints its changes, until Ctrl-C.
 *
 *     node examples/process-user-update.mjs --service IS.. --watch bob [--as alice] [--url http://127.0.0.1:3000]
 *
 * Set ACCOUNT_SID and AUTH_TOKEN (or an API key and its secret) in the environment. They create an access token with
 * the Tokens resource, for development only: in production your back end creates tokens with its own API key.
 */
import { parseArgs } from 'node:util';
import { ChatClient } from '@reachability/client';

const { values } = parseArgs({
  options: {
    url: { type: 'string', default: 'http://127.0.0.1:3000' },
    service: { type: 'string' },
    as: { type: 'string', default: 'observer' },
    watch: { type: 'string' },
  },
});
const { ACCOUNT_SID, AUTH_TOKEN } = process.env;
if (!values.service || !values.watch || !ACCOUNT_SID || !AUTH_TOKEN) {
  console.error(
    'Pass --service and --watch, and set ACCOUNT_SID and AUTH_TOKEN in the environment',
  );
  process.exit(2);
}

/** Returns an access token, as your front end would get it from your back end. */
async function mintToken() {
  const response = await fetch(`${values.url}/v2/Services/${values.service}/Tokens`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(`${ACCOUNT_SID}:${AUTH_TOKEN}`).toString('base64')}`,
    },
    body: new URLSearchParams({ Identity: values.as }),
  });
  if (!response.ok) throw new Error(`No token: ${response.status} ${await response.text()}`);
  const { token } = await response.json();
  return token;
}

const show = ({ identity, isOnline, isNotifiable }) =>
  `${identity}: isOnline ${isOnline}, isNotifiable ${isNotifiable}`;

const client = await ChatClient.create(await mintToken(), {
  url: values.url,
  tokenProvider: mintToken,
});
client.on('connectionStateChanged', (state) => console.log(`connection ${state}`));
client.on('connectionError', ({ code, message }) =>
  console.log(`connection error ${code}: ${message}`),
);
process.once('SIGINT', () => client.shutdown());
process.once('SIGTERM', () => client.shutdown());
console.log(
  `connected as ${client.user.identity}, reachability enabled: ${client.isReachabilityEnabled}`,
);

try {
  // If the User does not exist yet, this waits; getUser would reject.
  const user = await client.waitForUser(values.watch);
  console.log(show(user));
  user.on('updated', ({ updateReasons }) => {
    // The reasons say what changed; the User has the current values.
    for (const reason of updateReasons) {
      if (reason === 'reachabilityOnline') console.log(`updated ${reason}: ${user.isOnline}`);
      else if (reason === 'reachabilityNotifiable')
        console.log(`updated ${reason}: ${user.isNotifiable}`);
      else console.log(`updated ${reason}`);
    }
  });
} catch (error) {
  if (error.code !== 'shut_down') throw error;
}
