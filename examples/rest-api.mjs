import { readFileSync } from 'node:fs';

const KEPT = new URL('../data/credentials.json', import.meta.url);

/**
 * Calls the REST API of REACHABILITY_URL, `http://127.0.0.1:3000` by default, with ACCOUNT_SID and AUTH_TOKEN (or an API
 * key and its secret) from the environment, else with those that a server of this checkout keeps.
 */
const { REACHABILITY_URL = 'http://127.0.0.1:3000' } = process.env;
const { ACCOUNT_SID, AUTH_TOKEN } = process.env.ACCOUNT_SID ? process.env : keptCredentials();
const authorization = `Basic ${Buffer.from(`${ACCOUNT_SID}:${AUTH_TOKEN}`).toString('base64')}`;

/**
 * Sends a request and returns the JSON of the answer; null if it has none, or where the resource does not exist.
 *
 * @param path such as `/v2/Services`; a full URL, such as `next_page_url`, is followed
 * @param parameters of the body, as pairs or as an object
 */
export async function call(method, path, parameters) {
  const response = await fetch(new URL(path, REACHABILITY_URL), {
    method,
    headers: { authorization },
    ...(parameters && { body: new URLSearchParams(parameters) }),
  });
  if (response.status === 404 || response.status === 204) return null;
  if (!response.ok)
    throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return response.json();
}

/** Yields the items of a paged list, in order. */
export async function* list(path, key) {
  for (let next = path; next !== null;) {
    const page = await call('GET', next);
    if (page === null) throw new Error(`${path} does not exist`);
    yield* page[key];
    next = page.meta.next_page_url;
  }
}

function keptCredentials() {
  try {
    const { accountSid, authToken } = JSON.parse(readFileSync(KEPT, 'utf8'));
    return { ACCOUNT_SID: accountSid, AUTH_TOKEN: authToken };
  } catch (cause) {
    throw new Error('Set ACCOUNT_SID and AUTH_TOKEN in the environment', { cause });
  }
}
