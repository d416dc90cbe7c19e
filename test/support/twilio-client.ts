import type twilio from 'twilio';
import type { TwilioShapes } from './twilio-shapes.ts';

/** Checks every answer against Twilio's shapes before Twilio's helper sees it. */
export function checkAnswers({ httpClient }: twilio.Twilio, shapes: TwilioShapes): void {
  httpClient.axios.interceptors.response.use((response) => {
    const { config, status } = response;
    const body: unknown = response.data;
    const headers = Object.fromEntries(Object.entries(response.headers));
    const url = httpClient.axios.getUri(config);
    shapes.check({ method: config.method ?? 'get', url, status, headers, body });
    return response;
  });
}
