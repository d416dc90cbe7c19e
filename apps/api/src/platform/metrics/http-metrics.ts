import { Inject, Injectable } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';
import { Counter, Histogram, type Registry } from 'prom-client';
import { METRICS } from '../injection-tokens.ts';

/** Route of every request for a path that does not exist. */
const NO_ROUTE = 'none';
/** Bounds in seconds. Writes wait for the disk, and at most 2 s for the read model. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** Counts HTTP requests by route and status. Labels are templates of routes, so there are few of them. */
@Injectable()
export class HttpMetrics {
  readonly #requests: Counter<'method' | 'route' | 'status'>;
  readonly #seconds: Histogram<'method' | 'route'>;
  /** Made once for each method, route and status: looking one up by labels costs microseconds. */
  readonly #recorders = new Map<string, (seconds: number) => void>();

  constructor(@Inject(METRICS) registry: Registry) {
    const registers = [registry];
    this.#requests = new Counter({
      name: 'reachability_http_requests_total',
      help: 'HTTP requests answered, by route and status',
      labelNames: ['method', 'route', 'status'],
      registers,
    });
    this.#seconds = new Histogram({
      name: 'reachability_http_request_duration_seconds',
      help: 'Time from the head of a request to the end of its answer',
      labelNames: ['method', 'route'],
      buckets: BUCKETS,
      registers,
    });
  }

  /** Records each answer of a server from now on. */
  watch(fastify: FastifyInstance): void {
    fastify.addHook('onResponse', ({ method, routeOptions }, reply, done) => {
      this.#record(method, routeOptions.url ?? NO_ROUTE, reply.statusCode, reply.elapsedTime);
      done();
    });
  }

  #record(method: string, route: string, status: number, elapsedMs: number): void {
    const key = `${method} ${status} ${route}`;
    let record = this.#recorders.get(key);
    if (record === undefined) {
      record = this.#recorderOf({ method, route }, status);
      this.#recorders.set(key, record);
    }
    record(elapsedMs / 1_000);
  }

  #recorderOf(labels: { readonly method: string; readonly route: string }, status: number) {
    const requests = this.#requests.labels({ ...labels, status });
    const durations = this.#seconds.labels(labels);
    return (seconds: number): void => {
      requests.inc();
      durations.observe(seconds);
    };
  }
}
