import type { Delivery, WebhookTarget } from '#operational-state';
import { signatureOf } from './signature.ts';
import type { WebhookSecrets } from './webhook-secrets.ts';

/** An HTTP request that carries one delivery. */
export interface WebhookRequest {
  readonly method: WebhookTarget['method'];
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * Returns the signed request of a delivery, with a second signature while the secret is being rotated: a form, or, with GET, a query appended to the URL. Null where the URL is
 * not an HTTP URL.
 */
export function requestOf(
  { url: address, method }: WebhookTarget,
  { parameters, idempotencyToken }: Pick<Delivery, 'parameters' | 'idempotencyToken'>,
  secrets: WebhookSecrets,
): WebhookRequest | null {
  const url = URL.parse(address);
  if (url === null || !/^https?:$/.test(url.protocol)) return null;
  const credentials = credentialsOf(url);
  url.username = '';
  url.password = '';
  url.hash = '';
  // An empty query is not sent; unless it is removed, `url.href` ends in "?" and the signature covers that.
  if (url.search === '') url.search = '';
  const encoded = parameters
    .map((pair) => pair.map((text) => encodeURIComponent(text.toWellFormed())).join('='))
    .join('&');
  if (method === 'GET') url.search = appendQuery(url.search, encoded);
  const signed = method === 'GET' ? [] : parameters;
  const { current, previous } = secrets;
  const body = method === 'GET' ? '' : encoded;
  return {
    method,
    url,
    body,
    headers: {
      'User-Agent': 'Reachability-Webhooks',
      'X-Twilio-Signature': signatureOf(current, url.href, signed),
      ...(previous === null
        ? {}
        : { 'X-Reachability-Previous-Signature': signatureOf(previous, url.href, signed) }),
      'I-Twilio-Idempotency-Token': idempotencyToken,
      ...(credentials === null ? {} : { Authorization: credentials }),
      ...(method === 'GET'
        ? {}
        : { 'Content-Type': 'application/x-www-form-urlencoded; charset=utf-8' }),
    },
  };
}

/**
 * Leaves question marks in the query unencoded, which RFC 3986 allows: Twilio's middleware for Express decodes them
 * before it checks the signature.
 */
function appendQuery(search: string, encoded: string): string {
  const added = encoded.replaceAll('%3F', '?');
  return search === '' ? added : `${search}&${added}`;
}

/** The Authorization header for credentials in the URL. The receiver does not see them in its URL. */
function credentialsOf({ username, password }: URL): string | null {
  if (username === '' && password === '') return null;
  const pair = `${percentDecoded(username)}:${percentDecoded(password)}`;
  return `Basic ${Buffer.from(pair).toString('base64')}`;
}

/** Decodes percent-encoded bytes and keeps everything else, malformed escapes included. */
function percentDecoded(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (bytes) =>
    Buffer.from(bytes.replaceAll('%', ''), 'hex').toString('utf8'),
  );
}
