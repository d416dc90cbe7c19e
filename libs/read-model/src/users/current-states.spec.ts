import { afterAll, describe, expect, it } from '@jest/globals';
import {
  nodeAggregate,
  nodeStream,
  serviceAggregate,
  serviceStream,
  userStream,
  type NodeCommand,
} from '#domain';
import { AggregateCommandHandler } from '#event-store';
import { InMemoryEventStore } from '../../../../test/support/in-memory-event-store.ts';
import { steppedReadModel } from '../../../../test/support/read-model.ts';
import {
  context,
  create,
  NOW,
  openConnection,
  rename,
  SERVICE_SID,
  sidOf,
  streamOf,
  userCommands,
} from '../../../../test/support/user-commands.ts';
import { currentStates } from './current-states.ts';

const NODE = nodeStream('api-1');
const clock = (): Date => new Date(NOW);

describe('States as of the end of the log', () => {
  const log = new InMemoryEventStore();
  const stepped = steppedReadModel(log);
  const readModel = stepped.users;
  const users = userCommands(log);
  const services = new AggregateCommandHandler(serviceAggregate, log, clock);
  const nodes = new AggregateCommandHandler(nodeAggregate, log, clock);
  let commands = 0;
  const next = () => context(`command ${(commands += 1)}`);
  const node = (command: NodeCommand) => nodes.handle(NODE, command, next());

  afterAll(() => {
    stepped.close();
  });

  it('are those of the log alone while the read model holds nothing', async () => {
    const command = { type: 'CreateService', serviceSid: SERVICE_SID, friendlyName: 'S' } as const;
    await services.handle(serviceStream(SERVICE_SID), command, next());
    await users.handle(streamOf('ann'), create('ann'), next());

    const states = await currentStates(log, readModel, [streamOf('ann')]);
    expect(states.get(streamOf('ann'))).toMatchObject({ kind: 'user', identity: 'ann' });
  });

  it('add to the rows what the read model has not folded yet', async () => {
    await stepped.catchUp();
    await users.handle(streamOf('ann'), rename('Ann'), next());
    await users.handle(streamOf('ann'), openConnection('CN1'), next());

    const { states } = await readModel.seed([streamOf('ann')]);
    expect(states.get(streamOf('ann'))).toMatchObject({ friendlyName: null, connections: [] });
    const current = await currentStates(log, readModel, [streamOf('ann')]);
    expect(current.get(streamOf('ann'))).toMatchObject({
      friendlyName: 'Ann',
      connections: [{ sid: 'CN1', counted: true }],
    });
  });

  it('are what the read model holds once it has caught up', async () => {
    const before = await currentStates(log, readModel, [streamOf('ann')]);
    await stepped.catchUp();
    const { states } = await readModel.seed([streamOf('ann')]);
    expect(states.get(streamOf('ann'))).toEqual(before.get(streamOf('ann')));
  });

  it('know of a node whose end the read model has not folded yet', async () => {
    await node({ type: 'StartNode', nodeId: 'api-1' });
    await stepped.catchUp();
    await node({ type: 'LoseNode', nodeId: 'api-1', incarnation: 1 });
    const late = { ...openConnection('CN2'), node: { nodeId: 'api-1', incarnation: 1 } };
    await users.handle(streamOf('ann'), late, next());

    const current = await currentStates(log, readModel, [streamOf('ann')]);
    expect(current.get(streamOf('ann'))).toMatchObject({
      connections: [
        { sid: 'CN1', counted: true },
        { sid: 'CN2', counted: false },
      ],
    });
  });

  it('leave out a User that has been deleted', async () => {
    await users.handle(streamOf('ann'), { type: 'DeleteUser', at: NOW }, next());
    const current = await currentStates(log, readModel, [streamOf('ann')]);
    expect(current.has(userStream(sidOf('ann')))).toBe(false);
  });

  it('cost what is missing, not what a stream holds', async () => {
    await users.handle(streamOf('bob'), create('bob'), next());
    for (let n = 0; n < 500; n += 1) {
      await users.handle(streamOf('bob'), rename(`name ${n}`), next());
    }
    await stepped.catchUp();
    await users.handle(streamOf('bob'), rename('Bob'), next());
    log.eventsRead = 0;

    const current = await currentStates(log, readModel, [streamOf('bob')]);
    expect(current.get(streamOf('bob'))).toMatchObject({ friendlyName: 'Bob' });
    expect(log.eventsRead).toBeLessThan(30);
  });
});
