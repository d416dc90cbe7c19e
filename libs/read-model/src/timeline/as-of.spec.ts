import { afterEach, describe, expect, it } from '@jest/globals';
import { History } from '../../../../test/support/history.ts';
import { Timeline } from '../../../../test/support/timeline.ts';

const justBefore = (time: string): string => new Date(Date.parse(time) - 1).toISOString();

describe('The past of a User', () => {
  let timeline: Timeline;
  afterEach(() => timeline.close());

  const tell = async (history: History): Promise<void> => {
    timeline = await new Timeline().add(history.events);
  };
  const codeAt = async (at: string): Promise<string | null> =>
    (await timeline.answerAsOf(at))?.reasonCode ?? null;

  it('changes exactly at the time of each event, by the null rules', async () => {
    const history = new History()
      .service()
      .user()
      .open('CN1')
      .enable()
      .bind('BS1')
      .open('CN2')
      .close('CN1')
      .close('CN2')
      .disable()
      .enable()
      .open('CN3')
      .remove()
      .user();
    await tell(history);
    const table: [string | null, boolean | null, boolean | null][] = [
      [null, null, null],
      ['disabled', null, null],
      ['disabled', null, null],
      ['not_connected_since_enabled', null, null],
      ['not_connected_since_enabled', null, null],
      ['online', true, true],
      ['online', true, true],
      ['offline', false, true],
      ['disabled', null, null],
      ['not_connected_since_enabled', null, null],
      ['online', true, true],
      [null, null, null],
      ['not_connected_since_enabled', null, null],
    ];
    for (const [step, [reasonCode, isOnline, isNotifiable]] of table.entries()) {
      const expected =
        reasonCode === null
          ? null
          : expect.objectContaining({ reasonCode, isOnline, isNotifiable });
      const next = history.events[step + 1];
      const moments = [history.time(step)];
      if (next !== undefined) moments.push(justBefore(history.time(step + 1)));
      for (const at of moments)
        expect([step, await timeline.answerAsOf(at)]).toEqual([step, expected]);
    }
  });

  it('begins with the creation of the User', async () => {
    const history = new History().service().enable().user();
    await tell(history);
    expect(await codeAt(justBefore(history.time(2)))).toBeNull();
    expect(await codeAt(history.time(2))).toBe('not_connected_since_enabled');
    expect(await codeAt('9999-01-01T00:00:00.000Z')).toBe('not_connected_since_enabled');
    expect(await codeAt('0001-01-01T00:00:00.000Z')).toBeNull();
  });

  it('ends with the deletion of the Service, before its Users are deleted', async () => {
    const history = new History().service().enable().user().open('CN1').removeService();
    await tell(history.close('CN1', 'admin').remove());
    expect(await codeAt(justBefore(history.time(4)))).toBe('online');
    expect(await codeAt(history.time(4))).toBeNull();
    expect(await timeline.history()).toEqual([
      expect.objectContaining({ from: history.time(3), until: history.time(4) }),
      expect.objectContaining({ from: history.time(2), until: history.time(3) }),
    ]);
  });

  it('counts an event of a clock that is behind from the time of the event before it', async () => {
    const history = new History().service().enable().user().open('CN1').clockBehind(180_000);
    await tell(history.close('CN1'));
    expect(history.time(4) < history.time(3)).toBe(true);
    expect(await codeAt(justBefore(history.time(3)))).toBe('not_connected_since_enabled');
    expect(await codeAt(history.time(3))).toBe('offline');
  });

  it('does not count a Connection that an incarnation opens after its end', async () => {
    const history = new History().service().enable().user().start('n', 1).open('CN1');
    const dead = { nodeId: 'n', incarnation: 1 };
    await tell(history.lose('n', 1).open('CN2', dead).close('CN1'));
    expect(await codeAt(history.time(6))).toBe('online');
    expect(await codeAt(history.time(7))).toBe('offline');
  });

  it('says when a client was last seen whose close was recorded later', async () => {
    const history = new History().service().enable().user().open('CN1');
    const seen = history.time(3);
    await tell(history.bind('BS1').close('CN1', 'abrupt', seen));
    const at = (step: number) => timeline.asOf(history.time(step));
    expect(await timeline.asOf(justBefore(seen))).toMatchObject({ lastSeenAt: null });
    expect(await at(3)).toMatchObject({ user: { openConnections: 1 }, lastSeenAt: seen });
    expect(await at(4)).toMatchObject({ user: { openConnections: 1 }, lastSeenAt: seen });
    expect(await at(5)).toMatchObject({ user: { openConnections: 0 }, lastSeenAt: seen });
  });

  it('is not visible in another Service', async () => {
    const history = new History().service().user();
    await tell(history);
    const other = `IS${'2'.repeat(32)}`;
    const sid = (await timeline.asOf(history.time(1)))?.user.sid ?? '';
    expect(await timeline.readModel.asOf(other, sid, history.time(1))).toBeNull();
    const page = { cursor: { after: null }, size: 10 };
    expect(await timeline.readModel.history(other, sid, page)).toBeNull();
  });
});
