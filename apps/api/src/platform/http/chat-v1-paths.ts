/** Paths of the resources that chat v1 shows in a shape of its own. */
const OWN_SHAPE =
  /^\/v1\/Services(\/[^/?]+(\/(Roles|Channels)(\/[^/?]*)?|\/Users(\/[^/?]+(\/Channels)?)?)?)?\/?(\?|$)/;

/**
 * Returns the URL to route a request by. Under `/v1`, everything that chat v1 has no shape for, such as Bindings and what
 * Twilio does not have, is the same as under `/v2`.
 */
export function withoutV1(url: string): string {
  return OWN_SHAPE.test(url) ? url : url.replace(/^\/v1(?=\/)/, '/v2');
}
