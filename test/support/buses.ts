import { ModuleRef, NestContainer } from '@nestjs/core';
import { InstanceWrapper } from '@nestjs/core/injector/instance-wrapper.js';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import type { Aggregates } from '#shared/use-cases/aggregates';
import { PublishedPositions } from '#shared/use-cases/published-positions';
import { CloseOrphanedConnectionsHandler } from '../../apps/api/src/use-cases/connections/close-orphaned-connections.ts';
import { OpenSocketConnectionHandler } from '../../apps/api/src/use-cases/connections/open-socket-connection.ts';
import { RecordConnectionCloseHandler } from '../../apps/api/src/use-cases/connections/record-connection-close.ts';
import { GetNodeStateHandler } from '../../apps/api/src/use-cases/nodes/get-node-state.ts';
import { LoseNodeHandler } from '../../apps/api/src/use-cases/nodes/lose-node.ts';
import { StartNodeHandler } from '../../apps/api/src/use-cases/nodes/start-node.ts';
import { StopNodeHandler } from '../../apps/api/src/use-cases/nodes/stop-node.ts';
import { GetServiceStateHandler } from '../../apps/api/src/use-cases/services/get-service-state.ts';
import { DeleteUserHandler } from '../../apps/api/src/use-cases/users/delete-user.ts';
import { GetUserStateHandler } from '../../apps/api/src/use-cases/users/get-user-state.ts';

/** Nest's command bus with the commands that sockets, nodes and workers send, without an application around it. */
export function commandBus(aggregates: Aggregates, clock: () => Date): CommandBus {
  const bus = new CommandBus(new NoModules(new NestContainer()));
  const handlers = [
    new OpenSocketConnectionHandler(aggregates, new PublishedPositions({ position: null })),
    new RecordConnectionCloseHandler(aggregates),
    new CloseOrphanedConnectionsHandler(aggregates),
    new DeleteUserHandler(aggregates, clock),
    new StartNodeHandler(aggregates),
    new StopNodeHandler(aggregates),
    new LoseNodeHandler(aggregates),
  ];
  bus.register(handlers.map(wrapped));
  return bus;
}

/** Nest's query bus with the queries that read an aggregate from the log. */
export function queryBus(aggregates: Aggregates): QueryBus {
  const bus = new QueryBus(new NoModules(new NestContainer()));
  const handlers = [
    new GetServiceStateHandler(aggregates),
    new GetUserStateHandler(aggregates),
    new GetNodeStateHandler(aggregates),
  ];
  bus.register(handlers.map(wrapped));
  return bus;
}

function wrapped<Handler extends object>(instance: Handler): InstanceWrapper<Handler> {
  return new InstanceWrapper<Handler>({
    metatype: instance.constructor,
    instance,
    isResolved: true,
  });
}

class NoModules extends ModuleRef {
  override get(): never {
    throw new Error('There is no module here');
  }

  override resolve(): Promise<never> {
    return Promise.reject(new Error('There is no module here'));
  }

  override create(): Promise<never> {
    return Promise.reject(new Error('There is no module here'));
  }
}
