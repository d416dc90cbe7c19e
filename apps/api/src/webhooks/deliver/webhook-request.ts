import type { Delivery, WebhookTarget } from '#operational-state';
import { signatureOf } from './signature.ts';

/** A request as it goes out. */
export interface WebhookRequest {
  readonly method: WebhookTarget['method'];
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * The request of a delivery: a form, or, with GET, a query added to the URL. Signed as Twilio does. Null where the
 * URL is none that HTTP could be spoken to.
 */
export function requestOf(
  { url: address, method }: WebhookTarget,
  { parameters, idempotencyToken }: Pick<Delivery, 'parameters' | 'idempotencyToken'>,
  authToken: string,
): WebhookRequest | null {
  const url = URL.parse(address);
  if (url === null || !/^https?:$/.test(url.protocol)) return null;
  const credentials = credentialsOf(url);
  url.username = '';
  url.password = '';
  url.hash = '';
  const encoded = parameters
    .map((pair) => pair.map((text) => encodeURIComponent(text.toWellFormed())).join('='))
    .join('&');
  if (method === 'GET') url.search = joined(url.search, encoded);
  const signature = signatureOf(authToken, url.href, method === 'GET' ? [] : parameters);
  const body = method === 'GET' ? '' : encoded;
  return {
    method,
    url,
    body,
    headers: {
      'User-Agent': 'Reachability-Webhooks',
      'X-Twilio-Signature': signature,
      'I-Twilio-Idempotency-Token': idempotencyToken,
      ...(credentials === null ? {} : { Authorization: credentials }),
      ...(method === 'GET'
        ? {}
        : {
            'Content-Type': 'application/x-www-form-urlencoded; charset=utf-8',
            'Content-Length': String(Buffer.byteLength(body)),
          }),
    },
  };
}

/**
 * A question mark may stand in a query as it is, and does: Twilio's middleware for Express turns encoded ones back
 * before it checks the signature.
 */
function joined(search: string, encoded: string): string {
  const added = encoded.replaceAll('%3F', '?');
  return search === '' ? added : `${search}&${added}`;
}

/** Credentials in a URL are for the receiver's Basic authentication; they are no part of what it sees as its URL. */
function credentialsOf({ username, password }: URL): string | null {
  if (username === '' && password === '') return null;
  const pair = `${percentDecoded(username)}:${percentDecoded(password)}`;
  return `Basic ${Buffer.from(pair).toString('base64')}`;
}

/** What is not rightly encoded stays as it is. */
function percentDecoded(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (bytes) =>
    Buffer.from(bytes.replaceAll('%', ''), 'hex').toString('utf8'),
  );
}
