import { describe, expect, it } from '@jest/globals';
import { userSid } from '#domain';
import { START } from '#projections';
import { History, SERVICE } from '../../../../test/support/history.ts';
import { InMemoryEventStore } from '../../../../test/support/in-memory-event-store.ts';
import { WatchedUsers } from './watched-users.ts';

const ALICE = userSid(SERVICE, 'alice');

/** A log in memory that holds a history, streams in order. */
async function storeOf({ events }: History): Promise<InMemoryEventStore> {
  const store = new InMemoryEventStore();
  for (const event of events) {
    await store.append(event.stream, event.revision === 0 ? 'no_stream' : event.revision - 1, [
      event,
    ]);
  }
  return store;
}

/** What a watcher is told who watches alice from the beginning of a history. */
async function told(history: History): Promise<string[]> {
  const store = await storeOf(history);
  const readModel = { loadStates: () => Promise.resolve({ checkpoint: START, states: new Map() }) };
  const watched = await WatchedUsers.seed(store, readModel, SERVICE, [ALICE]);
  const lines: string[] = [];
  for (const recorded of store.log) {
    for (const { facts, gone, event } of await watched.fold(recorded)) {
      const { is_online, is_notifiable } = facts;
      lines.push(`${event.type}: ${gone ? 'gone' : `${is_online}/${is_notifiable}`}`);
    }
  }
  return lines;
}

describe('WatchedUsers', () => {
  it('tells each change of the two facts once, and nothing else', async () => {
    const history = new History().service().user().open('CN1').enable().open('CN2');
    history.bind('BS1').open('CN3').close('CN1').close('CN2').close('CN3').unbind('BS1').disable();
    expect(await told(history)).toEqual([
      'UserCreated: null/null',
      'ConnectionOpened: true/false',
      'BindingRegistered: true/true',
      'ConnectionClosed: false/true',
      'BindingRemoved: false/false',
      'ReachabilityDisabled: null/null',
    ]);
  });

  it('tells that a User is gone, and that it is there again', async () => {
    const history = new History().service().user().remove().user().removeService();
    expect(await told(history)).toEqual([
      'UserCreated: null/null',
      'UserDeleted: gone',
      'UserCreated: null/null',
      'ServiceDeleted: gone',
    ]);
  });

  it('counts a connection for nothing that a node opened after its end', async () => {
    const node = { nodeId: 'node-1', incarnation: 1 };
    const history = new History().start('node-1', 1).service().user().enable().open('CN1', node);
    history.close('CN1', 'node_lost').lose('node-1', 1).open('CN2', node);
    expect((await told(history)).slice(-1)).toEqual(['ConnectionClosed: false/false']);
  });
});
