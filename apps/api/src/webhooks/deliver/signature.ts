import { createHmac } from 'node:crypto';

/**
 * Returns Twilio's signature of a request, as its helper libraries check it: HMAC-SHA1 with the secret over the
 * URL followed by the names and values of the form, sorted by name.
 *
 * @param url as the receiver sees it: with its query, without credentials
 * @param form parameters in the body; empty where they are in the query
 */
export function signatureOf(
  secret: string,
  url: string,
  form: readonly (readonly [name: string, value: string])[],
): string {
  const signed = [...form]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .reduce((text, [name, value]) => text + name + value, url);
  return createHmac('sha1', secret).update(signed, 'utf8').digest('base64');
}
