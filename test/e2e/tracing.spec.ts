import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { listOf } from '../support/fields.ts';
import {
  startOtlpCollector,
  type CollectedSpan,
  type OtlpCollector,
} from '../support/otlp-collector.ts';
import { startProgram, type Program } from '../support/program.ts';
import { Programs } from '../support/programs.ts';
import { accessToken, connect, type StreamClient } from '../support/stream-client.ts';
import { until } from '../support/until.ts';
import { WebhookReceiver } from '../support/webhook-receiver.ts';

const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';
const CALLER = '00f067aa0ba902b7';
const traceparent = `00-${TRACE_ID}-${CALLER}-01`;

const settings = (collector: OtlpCollector): Record<string, string> => ({
  TRACING: 'otlp',
  OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
  OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
  OTEL_BSP_SCHEDULE_DELAY: '50',
  WEBHOOK_ALLOWED_NETWORKS: '127.0.0.0/8',
});

/** Makes a Service with reachability and webhooks; returns its sid. */
async function newService(program: Program, webhooks: string): Promise<string> {
  const { sid } = await program.post('/v2/Services', { FriendlyName: 'S' });
  await program.post(`/v2/Services/${sid}`, {
    ReachabilityEnabled: 'true',
    PostWebhookUrl: webhooks,
    WebhookFilters: ['onUserUpdated'],
  });
  return sid;
}

describe('With tracing, a request that opens a Connection', () => {
  const programs = new Programs();
  let collector: OtlpCollector;
  let receiver: WebhookReceiver;
  let program: Program;
  let watcher: StreamClient;
  let user: string;

  /** The span of the request's trace with this name. */
  const spanOf = (name: string): Promise<CollectedSpan> =>
    until(`the span ${name}`, () =>
      collector.named(name).find(({ traceId }) => traceId === TRACE_ID),
    );

  beforeAll(async () => {
    collector = await startOtlpCollector();
    receiver = await WebhookReceiver.start();
    program = await programs.start({ env: settings(collector) });
    const service = await newService(program, `${receiver.url}/hook?key=secret-in-query`);
    user = `/v2/Services/${service}/Users/ann`;
    watcher = connect(program, accessToken(program, service, 'watcher'));
    await watcher.next();
    await program.post(`/v2/Services/${service}/Users`, { Identity: 'ann' });
    // On a busy machine the read model may be too far behind.
    await until('a snapshot', () =>
      watcher.watch('ann').then(
        () => true,
        () => undefined,
      ),
    );
    await program.post(`${user}/Connections`, {}, { headers: { traceparent } });
  });
  afterAll(async () => {
    watcher.terminate();
    await programs.end();
    await receiver.stop();
    await collector.close();
  });

  it('is one trace, from its caller over command and append to push and webhook', async () => {
    const request = await spanOf('POST /v2/Services/:serviceSid/Users/:user/Connections');
    const command = await spanOf('command OpenConnection');
    const append = await spanOf('append');
    const push = await spanOf('push ConnectionOpened');
    const webhook = await spanOf('webhook onUserUpdated');
    expect(request.parentSpanId).toBe(CALLER);
    expect(command.parentSpanId).toBe(request.spanId);
    for (const { parentSpanId } of [append, push, webhook]) {
      expect(parentSpanId).toBe(command.spanId);
    }
    expect(push.attributes).toMatchObject({ 'reachability.watchers': 1 });
    expect(append.attributes['reachability.position']).toBe(
      push.attributes['reachability.position'],
    );
  });

  it('has its receiver of webhooks continue the trace', async () => {
    const { spanId } = await spanOf('webhook onUserUpdated');
    expect(receiver.received.map(({ headers }) => headers['traceparent'])).toContain(
      `00-${TRACE_ID}-${spanId}-01`,
    );
  });

  it('is linked from the batches of every projection that has its event', async () => {
    const { spanId } = await spanOf('command OpenConnection');
    for (const projection of ['users', 'timeline', 'summary', 'webhooks']) {
      const { parentSpanId, traceId } = await until(`a batch of ${projection}`, () =>
        collector.named(`project ${projection}`).find(({ links }) => links.includes(spanId)),
      );
      expect([parentSpanId, traceId === TRACE_ID]).toEqual(['', false]);
    }
  });

  it('is named by the audit of its event', async () => {
    const { body } = await program.get(`${user}/Reachability/Events`);
    expect(listOf(body['events'])).toContainEqual(
      expect.objectContaining({ type: 'ConnectionOpened', trace_id: TRACE_ID }),
    );
  });

  it('names the program, and neither paths, nor identities, nor secrets', async () => {
    const { resource, attributes } = await spanOf(
      'POST /v2/Services/:serviceSid/Users/:user/Connections',
    );
    expect(resource).toMatchObject({
      'service.name': 'reachability',
      'deployment.environment.name': 'test',
    });
    expect(attributes).toMatchObject({
      'http.response.status_code': 201,
      'reachability.actor': `key:${program.credentials.accountSid}`,
    });
    const all = JSON.stringify(collector.spans);
    expect(all).not.toContain('secret-in-query');
    expect(all).not.toContain('/Users/ann');
  });
});

describe('With tracing, a client on a socket', () => {
  let collector: OtlpCollector;
  let program: Program;

  beforeEach(async () => {
    collector = await startOtlpCollector();
    program = await startProgram({ env: settings(collector) });
  });
  afterEach(async () => {
    await program.stop();
    await collector.close();
  });

  it('has a trace for its handshake, for a frame and for its close; its traceparent counts for nothing', async () => {
    const service = await newService(program, 'http://127.0.0.1:9');
    const client = connect(program, accessToken(program, service, 'bob'), {
      headers: { traceparent },
    });
    await client.next();
    client.send({ type: 'bind', id: 1, binding_type: 'fcm', address: 'device' });
    await client.next();
    client.send({ type: 'bye' });
    await client.closed;
    const span = (name: string): Promise<CollectedSpan> =>
      until(`the span ${name}`, () => collector.named(name)[0]);
    const handshake = await span('connect stream');
    const opened = await span('command OpenConnection');
    const frame = await span('frame bind');
    const bound = await span('command RegisterBinding');
    const closed = await span('command CloseConnection');
    expect(opened.parentSpanId).toBe(handshake.spanId);
    expect(bound.parentSpanId).toBe(frame.spanId);
    const roots = [handshake, frame, closed];
    expect(roots.map(({ parentSpanId }) => parentSpanId)).toEqual(['', '', '']);
    expect(new Set([TRACE_ID, ...roots.map(({ traceId }) => traceId)]).size).toBe(4);
  });

  it('has no spans while a collector cannot be reached, and is served', async () => {
    await collector.close();
    const service = await newService(program, 'http://127.0.0.1:9');
    const client = connect(program, accessToken(program, service, 'bob'));
    expect(await client.next()).toMatchObject({ type: 'ready' });
    client.terminate();
    expect(await program.stop()).toBe(0);
    collector = await startOtlpCollector();
  });
});

describe('With tracing, a trace that is not sampled', () => {
  const programs = new Programs();
  let collector: OtlpCollector;

  beforeAll(async () => {
    collector = await startOtlpCollector();
  });
  afterAll(async () => {
    await programs.end();
    await collector.close();
  });

  it('is not in the log, unless its caller named it', async () => {
    const program = await programs.start({
      env: { ...settings(collector), OTEL_TRACES_SAMPLER: 'parentbased_always_off' },
    });
    const service = await newService(program, 'http://127.0.0.1:9');
    const users = `/v2/Services/${service}/Users`;
    await program.post(users, { Identity: 'ann' });
    const unsampled = `00-${TRACE_ID}-${CALLER}-00`;
    await program.post(
      `${users}/ann`,
      { FriendlyName: 'A' },
      { headers: { traceparent: unsampled } },
    );
    const { body } = await program.get(`${users}/ann/Reachability/Events`);
    const ids = listOf(body['events']).map(({ trace_id: id }) => id);
    expect(new Set(ids)).toEqual(new Set([null, TRACE_ID]));
    expect(await program.stop()).toBe(0);
    expect(collector.spans).toEqual([]);
  });
});
