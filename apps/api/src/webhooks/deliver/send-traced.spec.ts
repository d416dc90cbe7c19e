import { describe, expect, it } from '@jest/globals';
import type { ClaimedDelivery } from '#operational-state';
import { sendTraced } from './send-traced.ts';
import type { WebhookRequest } from './webhook-request.ts';

const traceParent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
const request: WebhookRequest = {
  method: 'POST',
  url: new URL('https://example.org/hook'),
  headers: { 'User-Agent': 'test' },
  body: '',
};
const delivery: ClaimedDelivery = {
  position: '1',
  sid: 'WD1',
  idempotencyToken: 'token',
  serviceSid: 'IS1',
  userSid: 'US1',
  eventType: 'onUserUpdated',
  parameters: [],
  giveUpAt: 0,
  status: 'pending',
  attempts: 0,
  responseCode: null,
  error: null,
  nextAttemptAt: null,
  createdAt: 0,
  updatedAt: 0,
  claim: 'claim',
  target: null,
};

async function headersSent(claimed: ClaimedDelivery): Promise<WebhookRequest['headers']> {
  let headers: WebhookRequest['headers'] = {};
  await sendTraced(null, claimed, request, (sent) => {
    ({ headers } = sent);
    return Promise.resolve('notOwned');
  });
  return headers;
}

describe('A webhook, with tracing off', () => {
  it('names the trace of its event', async () => {
    expect(await headersSent({ ...delivery, traceParent })).toEqual({
      'User-Agent': 'test',
      traceparent: traceParent,
    });
  });

  it.each([undefined, 'malformed'])('has no header where its trace is %j', async (named) => {
    const claimed = named === undefined ? delivery : { ...delivery, traceParent: named };
    expect(await headersSent(claimed)).toEqual({ 'User-Agent': 'test' });
  });
});
