import twilio from 'twilio';
import type { WireAnswer } from './twilio-shapes.ts';

/** Checks every answer against Twilio's shapes before Twilio's helper sees it. */
export function checkAnswers(
  { httpClient }: twilio.Twilio,
  shapes: { check(answer: WireAnswer): void },
): void {
  httpClient.axios.interceptors.response.use((response) => {
    const { config, status } = response;
    const body: unknown = response.data;
    const headers = Object.fromEntries(Object.entries(response.headers));
    const url = httpClient.axios.getUri(config);
    shapes.check({ method: config.method ?? 'get', url, status, headers, body });
    return response;
  });
}

/** The RestException with which a call of the helper rejects. */
export async function restErrorOf(call: Promise<unknown>): Promise<twilio.RestException> {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof twilio.RestException) return error;
  throw new Error('The call did not reject with a RestException', { cause: error });
}
