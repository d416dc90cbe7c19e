import { Inject, Injectable } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Counter, type Registry } from 'prom-client';
import { METRICS } from '../injection-tokens.ts';
import { BucketCounts, CountedHistogram } from './counted-histogram.ts';

/** Route of every request for a path that does not exist. */
const NO_ROUTE = 'none';

/** In seconds: reads take less than one millisecond, writes two or three. */
const BOUNDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];
/** Classes of status by their first digit. */
const CLASSES = ['', '1xx', '2xx', '3xx', '4xx', '5xx'];
const OTHER = 'other';

/** Answers of one route to one method. */
interface Answers {
  readonly labels: { readonly method: string; readonly route: string };
  /** Number of answers by status. */
  readonly counts: Map<number, number>;
  /** Times in seconds by class of status, such as `2xx`. */
  readonly times: Map<string, BucketCounts>;
  totalMs: number;
}

/**
 * Counts HTTP requests by route and status. Labels are templates of routes, so there are few of them. The metrics are
 * made when they are read: prom-client's own counting, with a histogram, took 4 % of the time of a read.
 */
@Injectable()
export class HttpMetrics {
  /** By method and route. */
  readonly #answers = new Map<string, Map<string, Answers>>();

  constructor(@Inject(METRICS) registry: Registry) {
    const registers = [registry];
    const all = (): Answers[] => [...this.#answers.values()].flatMap((of) => [...of.values()]);
    const requests: Counter<'method' | 'route' | 'status'> = new Counter({
      name: 'reachability_http_requests_total',
      help: 'HTTP requests answered, by route and status',
      labelNames: ['method', 'route', 'status'],
      registers,
      collect: () => {
        requests.reset();
        for (const { labels, counts } of all()) {
          for (const [status, count] of counts) requests.inc({ ...labels, status }, count);
        }
      },
    });
    const seconds: Counter<'method' | 'route'> = new Counter({
      name: 'reachability_http_request_seconds_total',
      help: 'Time from the heads of requests to the ends of their answers',
      labelNames: ['method', 'route'],
      registers,
      collect: () => {
        seconds.reset();
        for (const { labels, totalMs } of all()) seconds.inc(labels, totalMs / 1_000);
      },
    });
    new CountedHistogram({
      name: 'reachability_http_request_duration_seconds',
      help: 'Time from the head of a request to the end of its answer, by route and class of status',
      labelNames: ['method', 'route', 'status'],
      bounds: BOUNDS,
      registry,
      read: () =>
        all().flatMap(({ labels, times }) =>
          [...times].map(([status, counts]) => [{ ...labels, status }, counts] as const),
        ),
    });
  }

  /** Records each answer of a server from now on. */
  watch(fastify: FastifyInstance): void {
    fastify.addHook('onResponse', (request, reply, done) => {
      this.#record(request, reply);
      done();
    });
  }

  #record(request: FastifyRequest, reply: FastifyReply): void {
    const { method, route = request.routeOptions.url ?? NO_ROUTE } = request;
    const answers = this.#answers.get(method)?.get(route) ?? this.#add(method, route);
    const { statusCode } = reply;
    answers.counts.set(statusCode, (answers.counts.get(statusCode) ?? 0) + 1);
    const { elapsedTime } = reply;
    answers.totalMs += elapsedTime;
    const status = CLASSES[Math.floor(statusCode / 100)] ?? OTHER;
    let times = answers.times.get(status);
    if (times === undefined) answers.times.set(status, (times = new BucketCounts(BOUNDS)));
    times.observe(elapsedTime / 1_000);
  }

  #add(method: string, route: string): Answers {
    const ofMethod = this.#answers.get(method) ?? new Map<string, Answers>();
    const answers: Answers = {
      labels: { method, route },
      counts: new Map(),
      times: new Map(),
      totalMs: 0,
    };
    this.#answers.set(method, ofMethod.set(route, answers));
    return answers;
  }
}
