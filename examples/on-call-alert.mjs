/**
 * Alerts when somebody on call becomes unreachable: neither online nor reachable by push.
 *
 *     node examples/on-call-alert.mjs --service IS.. --on-call bob --on-call carol [--state on-call.version]
 *
 * `--state` names a file with the version of the last change. After a restart it continues there, so no change is missed.
 * ACCOUNT_SID and AUTH_TOKEN (or an API key with scope `read`) are in the environment; REACHABILITY_URL is
 * `http://127.0.0.1:3000` by default.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { changes } from '@reachability/client/changes';

const { values } = parseArgs({
  options: {
    service: { type: 'string' },
    'on-call': { type: 'string', multiple: true, default: [] },
    state: { type: 'string' },
  },
});
const { ACCOUNT_SID, AUTH_TOKEN, REACHABILITY_URL = 'http://127.0.0.1:3000' } = process.env;
if (!values.service || values['on-call'].length === 0 || !ACCOUNT_SID || !AUTH_TOKEN) {
  console.error('Pass --service and --on-call, and set ACCOUNT_SID and AUTH_TOKEN');
  process.exit(2);
}

const ended = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => ended.abort());

/** Replace this by your pager. */
const page = (text) => console.log(text);

const isKept = values.state !== undefined && existsSync(values.state);
const unreachable = new Set();
const feed = changes({
  url: REACHABILITY_URL,
  username: ACCOUNT_SID,
  password: AUTH_TOKEN,
  serviceSid: values.service,
  users: values['on-call'],
  signal: ended.signal,
  ...(isKept && { since: readFileSync(values.state, 'utf8') }),
});

for await (const event of feed) {
  if (event.type === 'start') console.log(`following from ${event.version}`);
  if (event.type === 'change') judge(event);
  if (values.state !== undefined) writeFileSync(values.state, event.version);
}

function judge({ identity, isOnline, isNotifiable, reasonCode, since }) {
  if (isOnline === false && isNotifiable === false) {
    unreachable.add(identity);
    page(`ALERT ${identity} is unreachable since ${since}: ${reasonCode}`);
  } else if (unreachable.delete(identity)) {
    page(`OK ${identity} is reachable`);
  }
}
