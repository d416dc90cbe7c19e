import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { userSid, type CloseCause, type ReachabilityEvent } from '#domain';
import { explainUser, type UserExplanation } from './explain-user.ts';
import { History, SERVICE } from '../../../../test/support/history.ts';

const SUBJECT = { serviceSid: SERVICE, userSid: userSid(SERVICE, 'alice') };

async function explained(given: Promise<UserExplanation> | UserExplanation) {
  const explanation = await given;
  if (explanation.kind !== 'explained') throw new Error(`It is ${explanation.kind}`);
  const { answer, reason, events } = explanation;
  const { isOnline, isNotifiable, reasonCode, since } = answer;
  return { isOnline, isNotifiable, reasonCode, since, reason, types: events.map(typeOf) };
}

const typeOf = ({ event }: { readonly event: ReachabilityEvent }): string => event.type;
const now = (history: History) => explainUser(history.events, SUBJECT, null);

describe('explainUser', () => {
  it('names the creation of a Service that never had reachability enabled', async () => {
    const history = new History().service().user();
    expect(await explained(now(history))).toMatchObject({
      isOnline: null,
      reasonCode: 'disabled',
      types: ['ServiceCreated', 'UserCreated'],
    });
  });

  it('names the disabling of reachability, and no earlier events that no longer matter', async () => {
    const history = new History().service().user().enable().open('CN1').disable();
    expect(await explained(now(history))).toMatchObject({
      isOnline: null,
      isNotifiable: null,
      reasonCode: 'disabled',
      types: ['UserCreated', 'ReachabilityDisabled'],
    });
  });

  it('names the connect that came before reachability was enabled', async () => {
    const history = new History().service().user().open('CN1').enable();
    expect(await explained(now(history))).toMatchObject({
      isOnline: null,
      reasonCode: 'not_connected_since_enabled',
      types: ['UserCreated', 'ConnectionOpened', 'ReachabilityEnabled'],
    });
  });

  it('names the open connections and bindings of a User that is online', async () => {
    const history = new History().service().user().enable();
    history.open('CN1').close('CN1').open('CN2').open('CN3').bind('BS1').close('CN2');
    expect(await explained(now(history))).toMatchObject({
      isOnline: true,
      isNotifiable: true,
      reason: 'The User has 1 open connection',
      types: [
        'UserCreated',
        'ReachabilityEnabled',
        'ConnectionOpened',
        'ConnectionClosed',
        'ConnectionOpened',
        'BindingRegistered',
      ],
    });
  });

  it('names the close that took a User offline, and the removal of its last binding', async () => {
    const history = new History().service().user().enable();
    history.open('CN1').bind('BS1').unbind('BS1').close('CN1');
    expect(await explained(now(history))).toMatchObject({
      isOnline: false,
      isNotifiable: false,
      reason: 'The User has no open connection',
      types: [
        'UserCreated',
        'ReachabilityEnabled',
        'ConnectionOpened',
        'BindingRemoved',
        'ConnectionClosed',
      ],
    });
  });

  it('names the loss of the node that held the last connection', async () => {
    const history = new History().start('node-1', 1).service().user().enable();
    history.open('CN1', { nodeId: 'node-1', incarnation: 1 }).lose('node-1', 1);
    history.close('CN1', 'node_lost').start('node-1', 2);
    const { isOnline, types } = await explained(now(history));
    expect(isOnline).toBe(false);
    expect(types).toEqual([
      'NodeStarted',
      'UserCreated',
      'ReachabilityEnabled',
      'ConnectionOpened',
      'NodeLost',
      'ConnectionClosed',
    ]);
  });

  it('does not count a connection that a node opened after its end, and says so', async () => {
    const history = new History().start('node-1', 1).service().user().enable();
    history.open('CN1').close('CN1').lose('node-1', 1);
    history.open('CN2', { nodeId: 'node-1', incarnation: 1 });
    const { isOnline, types } = await explained(now(history));
    expect(isOnline).toBe(false);
    expect(types).toContain('NodeLost');
    expect(types.filter((type) => type === 'ConnectionOpened')).toHaveLength(2);
  });

  it('gives the answer of any time, each event counting from its own time', async () => {
    const history = new History().service().user().enable().open('CN1').close('CN1');
    const at = (step: number) =>
      explained(explainUser(history.events, SUBJECT, { time: history.time(step) }));
    expect(await at(1)).toMatchObject({ reasonCode: 'disabled' });
    expect(await at(2)).toMatchObject({ reasonCode: 'not_connected_since_enabled' });
    expect(await at(3)).toMatchObject({ isOnline: true, since: history.time(3) });
    expect(await at(4)).toMatchObject({ isOnline: false, since: history.time(4) });
  });

  it('ends with the event at a position, whatever the clocks say', async () => {
    const history = new History().service().user().enable().clockBehind(60_000).open('CN1');
    history.close('CN1');
    const end = { position: history.events.at(-2)?.position ?? '' };
    expect(await explained(explainUser(history.events, SUBJECT, end))).toMatchObject({
      isOnline: true,
    });
  });

  it('pauses again and again during a long history', async () => {
    const history = new History().service().user().enable();
    for (let number = 0; number < 300; number += 1) {
      history.open(`CN${number}`).close(`CN${number}`);
    }
    let pauses = 0;
    const pause = () => {
      pauses += 1;
    };
    expect(await explainUser(history.events, SUBJECT, null, pause)).toMatchObject({
      answer: { isOnline: false },
    });
    expect(pauses).toBe(3);
  });

  it('counts an event of a clock that is behind from the time of the event before it', async () => {
    const history = new History().service().user().enable();
    const at = (time: string) => explainUser(history.events, SUBJECT, { time });
    const before = history.time(2);
    history.clockBehind(60_000).open('CN1');
    expect((await explained(at(before))).isOnline).toBe(true);
    const earlier = new Date(Date.parse(before) - 1).toISOString();
    expect((await explained(at(earlier))).isOnline).toBeNull();
  });

  it('does not know a User before its creation, but says when that was', async () => {
    const history = new History().service().user();
    expect(await explainUser(history.events, SUBJECT, { time: history.time(0) })).toEqual({
      kind: 'unknown',
      createdAt: history.time(1),
    });
    expect(await now(new History().service())).toEqual({ kind: 'unknown', createdAt: null });
  });

  it('names the event that deleted a User; created again, the User has no answer', async () => {
    const history = new History().service().enable().user().open('CN1').close('CN1').remove();
    expect(await now(history)).toMatchObject({
      kind: 'deleted',
      by: { event: { type: 'UserDeleted' } },
    });
    history.user();
    expect(await explained(now(history))).toMatchObject({
      isOnline: null,
      reasonCode: 'not_connected_since_enabled',
      types: ['ReachabilityEnabled', 'UserCreated'],
    });
  });

  it('says that a Service was deleted, with all its Users', async () => {
    const history = new History().service().user().removeService();
    expect(await now(history)).toMatchObject({
      kind: 'deleted',
      by: { event: { type: 'ServiceDeleted' } },
    });
  });

  it('gives sufficient evidence: folded alone, it leads to the same answer', async () => {
    const causes: CloseCause[] = ['clean', 'node_lost', 'timeout'];
    const step = fc.oneof(
      fc.record({ do: fc.constant('open' as const), key: fc.nat(3), node: fc.nat(2) }),
      fc.record({ do: fc.constant('close' as const), key: fc.nat(3), cause: fc.nat(2) }),
      fc.record({ do: fc.constantFrom('bind' as const, 'unbind' as const), key: fc.nat(2) }),
      fc.record({ do: fc.constantFrom('lose' as const), node: fc.integer({ min: 1, max: 2 }) }),
      fc.record({ do: fc.constantFrom('enable', 'disable', 'user', 'remove') }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const history = new History().service().start('node-1', 1).start('node-2', 1).user();
        const open = new Set<string>();
        for (const [index, s] of steps.entries()) {
          if (s.do === 'open' && 'key' in s) {
            const node = s.node === 0 ? null : { nodeId: `node-${s.node}`, incarnation: 1 };
            open.add(`CN${index}`);
            history.open(`CN${index}`, node);
          } else if (s.do === 'close' && 'cause' in s) {
            const sid = [...open][s.key];
            if (sid !== undefined) history.close(sid, causes[s.cause]);
            if (sid !== undefined) open.delete(sid);
          } else if (s.do === 'lose' && 'node' in s) history.lose(`node-${s.node}`, 1);
          else if (s.do === 'bind' && 'key' in s) history.bind(`BS${s.key}`);
          else if (s.do === 'unbind' && 'key' in s) history.unbind(`BS${s.key}`);
          else if (s.do === 'enable') history.enable();
          else if (s.do === 'disable') history.disable();
          else if (s.do === 'remove') {
            open.clear();
            history.remove();
          } else if (s.do === 'user' && !history.hasUser) history.user();
        }
        const explanation = await now(history);
        if (explanation.kind !== 'explained') return;
        const evidence = explanation.events.map(({ recorded }) => recorded);
        const [service] = history.events;
        const alone = [...(service === undefined ? [] : [service]), ...evidence];
        const again = await explained(explainUser([...new Set(alone)], SUBJECT, null));
        const { isOnline, isNotifiable, reasonCode, since, reason } = await explained(explanation);
        expect({ ...again, types: [] }).toEqual({
          ...{ isOnline, isNotifiable, reasonCode, since, reason },
          types: [],
        });
      }),
    );
  });
});
