import { SpanKind } from '@opentelemetry/api';
import { Histogram, type Registry } from 'prom-client';
import {
  AppendOutcomeUnknownError,
  EventStoreUnavailableError,
  WrongExpectedRevisionError,
  type EventStore,
} from '#event-store';
import type { Tracing } from '#shared/tracing/tracing';

type Append = EventStore['append'];

/** In seconds: an embedded log commits in a millisecond or two, a cluster with TLS in ten. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** Measures appends to the event store, each attempt by itself, and shows them as spans. */
export class ObservedAppends {
  readonly #seconds: Histogram<'outcome'>;
  readonly #tracing: Tracing | null;

  constructor(registry: Registry, tracing: Tracing | null) {
    this.#tracing = tracing;
    this.#seconds = new Histogram({
      name: 'reachability_append_duration_seconds',
      help: 'Time until an append to the event store was durable, or failed, by outcome',
      labelNames: ['outcome'],
      buckets: BUCKETS,
      registers: [registry],
    });
  }

  /** Returns the same store, whose appends are observed. */
  of(store: EventStore): EventStore {
    const append = this.#observed((...args) => store.append(...args));
    return new Proxy(store, {
      get(_, name) {
        if (name === 'append') return append;
        const value: unknown = Reflect.get(store, name, store);
        if (typeof value !== 'function') return value;
        const bound: unknown = value.bind(store);
        return bound;
      },
    });
  }

  #observed(append: Append): Append {
    const timed = this.#timed(append);
    const tracing = this.#tracing;
    if (tracing === null) return timed;
    return (stream, expectedRevision, events) => {
      const start = {
        kind: SpanKind.CLIENT,
        attributes: {
          'reachability.stream': stream,
          'reachability.events': events.map(({ type }) => type),
        },
      };
      return tracing.run('append', start, async (span) => {
        const result = await timed(stream, expectedRevision, events);
        span.setAttribute('reachability.position', result.position);
        return result;
      });
    };
  }

  #timed(append: Append): Append {
    return async (...args) => {
      const startedAt = performance.now();
      let outcome = 'ok';
      try {
        return await append(...args);
      } catch (error) {
        outcome = outcomeOf(error);
        throw error;
      } finally {
        this.#seconds.observe({ outcome }, (performance.now() - startedAt) / 1_000);
      }
    };
  }
}

function outcomeOf(error: unknown): string {
  if (error instanceof WrongExpectedRevisionError) return 'conflict';
  if (error instanceof AppendOutcomeUnknownError) return 'unknown';
  return error instanceof EventStoreUnavailableError ? 'unavailable' : 'error';
}
