import type { FastifyInstance, FastifyRequest } from 'fastify';
import { resolveUserSid } from '#domain';
import type { PublishedScope } from '#shared/use-cases/published-positions';
import type { ReadBarrier } from '#shared/use-cases/read-barrier';
import { markBehind, markStale } from './read-model-header.ts';
import type { StoreMonitor } from '../../health/store-monitor.ts';
import { positionInHeader, VERSION_HEADER } from './version-header.ts';

const HEADER = VERSION_HEADER.toLowerCase();
/** Routes that read Services and Users. */
const DATA = /^\/(v[12]\/Services|conversations)(\/|$)/;
/** A read that is a POST, because its list of Users does not fit into a URL. */
const QUERY = /\/Reachability\/Query$/;

/**
 * Holds back reads that would be older than what this process has published, or than the version in their header, and
 * marks those that an outage makes stale. It is a hook of Fastify because an interceptor of Nest would cost each read more than this does while nothing is pending,
 * and one before the body is read because a phase of its own would cost each read 2 %.
 */
export function holdReadsUntilVisible(
  fastify: FastifyInstance,
  barrier: ReadBarrier,
  epoch: string,
  outages: Pick<StoreMonitor, 'staleSince'>,
): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    const { staleSince } = outages;
    if (staleSince !== null && isRead(request)) markStale(reply, staleSince);
    const header = request.headers[HEADER];
    if ((barrier.isOpen && header === undefined) || !isRead(request)) {
      done();
      return;
    }
    new Promise<boolean>((resolve) =>
      resolve(barrier.pass(scopeOf(request), positionInHeader(header, epoch))),
    ).then((isVisible) => {
      markBehind(reply, !isVisible);
      done();
    }, done);
  });
}

function isRead({ method, routeOptions: { url = '' } }: FastifyRequest): boolean {
  if (!DATA.test(url)) return false;
  return method === 'GET' || method === 'HEAD' || (method === 'POST' && QUERY.test(url));
}

function scopeOf({ params }: FastifyRequest): PublishedScope {
  const serviceSid = parameter(params, 'serviceSid');
  const user = parameter(params, 'user');
  if (serviceSid === undefined) return {};
  return user === undefined
    ? { serviceSid }
    : { serviceSid, userSid: resolveUserSid(serviceSid, user) };
}

function parameter(params: unknown, name: string): string | undefined {
  if (typeof params !== 'object' || params === null) return undefined;
  const value: unknown = Reflect.get(params, name);
  return typeof value === 'string' ? value : undefined;
}
