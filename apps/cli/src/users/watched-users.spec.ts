import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { userSid } from '#domain';
import { START } from '#projections';
import { History, SERVICE } from '../../../../test/support/history.ts';
import { Timeline } from '../../../../test/support/timeline.ts';
import { WatchedUsers } from './watched-users.ts';

const ALICE = userSid(SERVICE, 'alice');
const NOTHING = { loadStates: () => Promise.resolve({ checkpoint: START, states: new Map() }) };

describe('WatchedUsers', () => {
  let timeline: Timeline;
  beforeEach(() => {
    timeline = new Timeline();
  });
  afterEach(() => timeline.close());

  /** Returns the changes of alice over a history. */
  async function changesIn({ events }: History): Promise<string[]> {
    await timeline.add(events);
    const watched = await WatchedUsers.load(NOTHING, SERVICE, [ALICE], 'epoch');
    const { changes } = await timeline.readModel.changes(SERVICE, null, 1_000);
    return changes
      .flatMap((change) => watched.apply(change))
      .map(({ facts: { is_online, is_notifiable }, deleted, event }) =>
        deleted ? `${event}: deleted` : `${event}: ${is_online}/${is_notifiable}`,
      );
  }

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
