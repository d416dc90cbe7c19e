import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { resolveUserSid } from '#domain';
import type { EventLog } from '#event-store';
import { formatVersion } from '#read-model';
import type { PublishedScope } from '#shared/use-cases/published-positions';
import type { ReadBarrier } from '#shared/use-cases/read-barrier';
import { markBehind, markStale } from './read-model-header.ts';
import type { StoreMonitor } from '../../health/store-monitor.ts';
import { VERSION_HEADER, versionInHeader } from './version-header.ts';

const HEADER = VERSION_HEADER.toLowerCase();
/** Routes of the API. */
const DATA = /^\/(v[12]|conversations)(\/|$)/;
/** A read that is a POST, because its list of Users does not fit into a URL. */
const QUERY = /\/Reachability\/Query$/;

/**
 * Holds back reads that would be older than what this process has published, or than the version in their header, and
 * marks those that an outage makes stale. Tells in the answer's header how far the read model was before the read. It is
 * a hook of Fastify because an interceptor of Nest would cost each read more than this does while nothing is pending,
 * and one before the body is read because a phase of its own would cost each read 2 %.
 */
export function holdReadsUntilVisible(
  fastify: FastifyInstance,
  barrier: ReadBarrier,
  log: Pick<EventLog, 'epoch' | 'formerEpochs'>,
  outages: Pick<StoreMonitor, 'staleSince'>,
): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    if (!isRead(request)) {
      done();
      return;
    }
    markStale(reply, outages.staleSince);
    const header = request.headers[HEADER];
    if (barrier.isOpen && header === undefined) {
      tellVersion(reply, barrier, log);
      done();
      return;
    }
    const pass = async (): Promise<boolean> => {
      const named = versionInHeader(header, log);
      const isVisible = await barrier.pass(scopeOf(request), named?.position ?? null);
      return isVisible && named?.isOfLog !== false;
    };
    pass().then((isVisible) => {
      markBehind(reply, !isVisible);
      tellVersion(reply, barrier, log);
      done();
    }, done);
  });
}

/** Call it before the read: its answer shows what the read model has now, and may show more. */
function tellVersion(
  reply: FastifyReply,
  barrier: ReadBarrier,
  { epoch }: Pick<EventLog, 'epoch'>,
): void {
  const position = barrier.observe();
  if (position !== null) void reply.header(VERSION_HEADER, formatVersion(epoch, position));
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
