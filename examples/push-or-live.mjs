/**
 * Decides for each recipient of a message how to deliver it: live, by push, or later.
 *
 *     node examples/push-or-live.mjs --service IS.. alice bob carol
 */
import { parseArgs } from 'node:util';
import { call } from './rest-api.mjs';

const { values, positionals: recipients } = parseArgs({
  options: { service: { type: 'string' } },
  allowPositionals: true,
});
if (!values.service || recipients.length === 0) {
  console.error('Pass --service and the identities of the recipients');
  process.exit(2);
}

/** Null is unknown: the Service does not track reachability, or the User has not connected since. A push may work. */
function route({ is_online: isOnline, is_notifiable: isNotifiable }) {
  if (isOnline === true) return 'live';
  return isNotifiable === false ? 'later' : 'push';
}

const answer = await call(
  'POST',
  `/v2/Services/${values.service}/Reachability/Query`,
  recipients.map((identity) => ['User', identity]),
);
if (answer === null) throw new Error(`There is no Service ${values.service}`);
for (const user of answer.users) console.log(`${user.identity}: ${route(user)}`);
for (const identity of answer.unknown) console.log(`${identity}: no such User`);
