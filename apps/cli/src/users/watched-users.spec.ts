import { describe, expect, it } from '@jest/globals';
import { userSid } from '#domain';
import { START } from '#projections';
import { History, SERVICE } from '../../../../test/support/history.ts';
import { InMemoryEventStore } from '../../../../test/support/in-memory-event-store.ts';
import { WatchedUsers } from './watched-users.ts';

const ALICE = userSid(SERVICE, 'alice');

/** Returns an in-memory log with the events of a history. */
async function storeOf({ events }: History): Promise<InMemoryEventStore> {
  const store = new InMemoryEventStore();
  for (const event of events) {
    await store.append(event.stream, event.revision === 0 ? 'no_stream' : event.revision - 1, [
      event,
    ]);
  }
  return store;
}

/** Returns the changes of alice over a history. */
async function changesIn(history: History): Promise<string[]> {
  const store = await storeOf(history);
  const readModel = { seed: () => Promise.resolve({ checkpoint: START, states: new Map() }) };
  const watched = await WatchedUsers.load(store, readModel, SERVICE, [ALICE]);
  const lines: string[] = [];
  for (const recorded of store.log) {
    for (const { facts, deleted, event } of await watched.fold(recorded)) {
      const { is_online, is_notifiable } = facts;
      lines.push(`${event.type}: ${deleted ? 'deleted' : `${is_online}/${is_notifiable}`}`);
    }
  }
  return lines;
}

describe('WatchedUsers', () => {
  it('return each change of reachability once, and nothing else', async () => {
    const history = new History().service().user().open('CN1').enable().open('CN2');
    history.bind('BS1').open('CN3').close('CN1').close('CN2').close('CN3').unbind('BS1').disable();
    expect(await changesIn(history)).toEqual([
      'UserCreated: null/null',
      'ConnectionOpened: true/false',
      'BindingRegistered: true/true',
      'ConnectionClosed: false/true',
      'BindingRemoved: false/false',
      'ReachabilityDisabled: null/null',
    ]);
  });

  it('return a deletion of the User or of its Service, and a new creation', async () => {
    const history = new History().service().user().remove().user().removeService();
    expect(await changesIn(history)).toEqual([
      'UserCreated: null/null',
      'UserDeleted: deleted',
      'UserCreated: null/null',
      'ServiceDeleted: deleted',
    ]);
  });

  it('ignore a Connection that a lost node opens', async () => {
    const node = { nodeId: 'node-1', incarnation: 1 };
    const history = new History().start('node-1', 1).service().user().enable().open('CN1', node);
    history.close('CN1', 'node_lost').lose('node-1', 1).open('CN2', node);
    expect((await changesIn(history)).slice(-1)).toEqual(['ConnectionClosed: false/false']);
  });
});
