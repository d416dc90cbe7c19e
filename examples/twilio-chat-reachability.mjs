/**
 * The reachability part of a chat application written for Twilio Programmable Chat: shows which contacts are online,
 * and which a push notification would reach. Only the address and the token are different from Twilio's.
 *
 *     CHAT_URI=ws://127.0.0.1:3000/v3/wsconnect CHAT_TOKEN=<access token> \
 *       node examples/twilio-chat-reachability.mjs bob carol
 *
 * Your back end creates the token with `twilio.jwt.AccessToken` and an API key of this server. To try it,
 * `POST /v2/Services/<IS..>/Tokens` with `Identity` creates one. Stop with Ctrl-C.
 */
import Chat from 'twilio-chat';

const { CHAT_URI, CHAT_TOKEN } = process.env;
const contacts = process.argv.slice(2);
if (CHAT_TOKEN === undefined || contacts.length === 0) {
  console.error(
    'usage: CHAT_TOKEN=<token> CHAT_URI=<uri> twilio-chat-reachability.mjs <identity>...',
  );
  process.exit(2);
}

// Without this option, the SDK connects to Twilio.
const options = CHAT_URI === undefined ? {} : { Twilsock: { uri: CHAT_URI } };
const client = await Chat.Client.create(CHAT_TOKEN, options);

if (!client.reachabilityEnabled) {
  console.log('Reachability is disabled for this Service: nobody is shown online or offline.');
}

/** Returns the text beside a contact's dot. Null means that there is no answer; that is not the same as offline. */
function describe({ identity, friendlyName, online, notifiable }) {
  const name = friendlyName ?? identity;
  if (online === null) return `${name}: unknown`;
  if (online) return `${name}: online`;
  return `${name}: offline, ${notifiable ? 'a push would reach them' : 'out of reach'}`;
}

client.on('userUpdated', ({ user, updateReasons }) => {
  const changed = updateReasons.some((reason) => reason === 'online' || reason === 'notifiable');
  if (changed && contacts.includes(user.identity)) console.log(describe(user));
});
client.on('connectionStateChanged', (state) => console.log(`(${state})`));
client.on('tokenAboutToExpire', () => console.log('(time to ask the back end for another token)'));

for (const identity of contacts) {
  const user = await client.getUser(identity);
  // If the answer was known at once, 'userUpdated' has printed it already.
  if (user.online === null) console.log(describe(user));
}

process.once('SIGINT', async () => {
  await client.shutdown();
  process.exit();
});
