import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { context, SpanStatusCode } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { DomainError } from '#domain';
import { commandSpanId, commandSpanOf, type CommandContext } from '#event-store';
import { batchSpans } from './batch-spans.ts';
import { commandTracer } from './command-spans.ts';
import { recordedSpanOf } from './recorded-span.ts';
import { SpanIds } from './span-ids.ts';
import { toTraceParent, Tracing } from './tracing.ts';
import { newEvent } from '../../../../test/contract/event-store/samples.ts';

const PARENT = {
  traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
  spanId: '00f067aa0ba902b7',
  flags: '01',
};
const UNSAMPLED = { ...PARENT, flags: '00' };
const command: CommandContext = { commandId: 'c1', correlationId: 'r1', actor: 'key:SK1' };

describe('Tracing', () => {
  let exporter: InMemorySpanExporter;
  let tracing: Tracing;
  const ended = () => exporter.getFinishedSpans();

  beforeEach(() => {
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    exporter = new InMemorySpanExporter();
    const ids = new SpanIds();
    const provider = new BasicTracerProvider({
      idGenerator: ids,
      spanProcessors: [new SimpleSpanProcessor(exporter)],
    });
    tracing = new Tracing(provider.getTracer('test'), ids);
  });
  afterEach(() => context.disable());

  it('ends a span with the work in it: at once, or with its promise', async () => {
    const held = Promise.withResolvers<string>();
    const result = tracing.run('slow', {}, () => held.promise);
    expect(tracing.run('quick', {}, () => 1)).toBe(1);
    expect(ended().map(({ name }) => name)).toEqual(['quick']);
    held.resolve('done');
    expect(await result).toBe('done');
    expect(ended().map(({ name }) => name)).toEqual(['quick', 'slow']);
  });

  it('makes spans that begin within the work its children, across promises', async () => {
    await tracing.run('outer', { parent: PARENT }, async () => {
      await Promise.resolve();
      tracing.run('inner', {}, () => undefined);
    });
    const [inner, outer] = ended();
    expect(outer?.parentSpanContext?.spanId).toBe(PARENT.spanId);
    expect(inner?.parentSpanContext?.spanId).toBe(outer?.spanContext().spanId);
    expect(inner?.spanContext().traceId).toBe(PARENT.traceId);
  });

  it('records the kind of an error, and not its message', async () => {
    const fail = () => Promise.reject(new TypeError('secret'));
    await expect(tracing.run('failed', {}, fail)).rejects.toThrow('secret');
    const refuse = () => {
      throw new DomainError('USER.NOT_FOUND', 'secret');
    };
    expect(() => tracing.run('refused', {}, refuse)).toThrow(DomainError);
    expect(ended().map(({ attributes, status }) => [attributes['error.type'], status])).toEqual([
      ['TypeError', { code: SpanStatusCode.ERROR }],
      ['USER.NOT_FOUND', { code: SpanStatusCode.UNSET }],
    ]);
    expect(
      JSON.stringify(ended().map(({ events, attributes }) => [events, attributes])),
    ).not.toContain('secret');
  });

  it('gives the span of a command an id that its events lead to', async () => {
    const handle = (traced: CommandContext) => Promise.resolve(traced);
    const traced = await commandTracer(tracing)('OpenConnection', 'user-US1', command, handle);
    const [span] = ended();
    expect(span?.spanContext().spanId).toBe(commandSpanId('c1'));
    expect(recordedSpanOf({ ...traced, causationId: 'c1' })).toEqual({
      traceId: span?.spanContext().traceId,
      spanId: span?.spanContext().spanId,
      flags: '01',
    });
  });

  it('leaves the trace of a command that is not sampled as its caller named it', async () => {
    const handle = (traced: CommandContext) => Promise.resolve(traced);
    const trace = `${UNSAMPLED.traceId}-00`;
    const traced = await tracing.run('request', { parent: UNSAMPLED }, () =>
      Promise.all([
        commandTracer(tracing)('A', 'user-US1', command, handle),
        commandTracer(tracing)('B', 'user-US1', { ...command, trace }, handle),
      ]),
    );
    expect(traced.map((each) => each.trace)).toEqual([undefined, trace]);
    expect(ended()).toEqual([]);
  });

  it('links a batch to the commands whose events it has, if they are recorded', () => {
    const event = (trace?: string) => ({
      ...newEvent(),
      stream: 'user-US1',
      revision: 0,
      position: '1',
      metadata: { ...newEvent().metadata, trace: trace ?? '', causationId: 'c1' },
    });
    const onCommitted = batchSpans(tracing, 'users');
    onCommitted([event(), event(`${PARENT.traceId}-00`)], 0);
    expect(ended()).toEqual([]);
    const sampled = event(`${PARENT.traceId}-01`);
    onCommitted([event(), sampled], 0);
    const [batch] = ended();
    const { spanId } = commandSpanOf(sampled.metadata) ?? {};
    expect(batch?.links.map((link) => link.context.spanId)).toEqual([spanId]);
    expect(batch?.parentSpanContext).toBeUndefined();
  });

  it('names a span as a traceparent does', () => {
    tracing.run('any', { parent: PARENT, spanId: '1111111111111111' }, (span) => {
      expect(toTraceParent(span)).toEqual({ ...PARENT, spanId: '1111111111111111' });
    });
  });
});
