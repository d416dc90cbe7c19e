import { afterEach, describe, expect, it } from '@jest/globals';
import { History } from '../../../../test/support/history.ts';
import { Timeline } from '../../../../test/support/timeline.ts';

describe('The history of a User', () => {
  let timeline: Timeline;
  afterEach(() => timeline.close());

  const tell = async (history: History): Promise<void> => {
    timeline = await new Timeline().add(history.events);
  };

  it('lists the intervals of each value, newest first, each with the event that began it', async () => {
    const history = new History().service().user().enable().open('CN1').open('CN2').close('CN2');
    await tell(history.close('CN1', 'abrupt').remove());
    const [user, enabled, online, offline, gone] = [1, 2, 3, 6, 7].map((n) => history.time(n));
    expect(await timeline.history()).toEqual([
      {
        from: offline,
        until: gone,
        value: { isOnline: false, isNotifiable: false, reasonCode: 'offline' },
        position: history.events[6]?.position,
        cause: {
          type: 'ConnectionClosed',
          subjectSid: 'CN1',
          deviceId: null,
          closeCause: 'abrupt',
          lastSeenAt: offline,
          actor: 'cli',
        },
      },
      expect.objectContaining({ from: online, until: offline }),
      expect.objectContaining({ from: enabled, until: online }),
      expect.objectContaining({ from: user, until: enabled }),
    ]);
  });

  it('has an open end', async () => {
    const history = new History().service().user();
    await tell(history);
    expect(await timeline.history()).toMatchObject([{ from: history.time(1), until: null }]);
  });

  it('has one interval for events while there was no answer', async () => {
    const history = new History().service().user().open('CN1').bind('BS1').close('CN1');
    await tell(history.open('CN2').unbind('BS1'));
    expect(await timeline.history()).toMatchObject([{ from: history.time(1), until: null }]);
  });

  it('continues with the next creation after a deletion, with nothing in between', async () => {
    const history = new History().service().user().remove().enable().disable().enable().user();
    await tell(history);
    expect(await timeline.history(1)).toMatchObject([
      { from: history.time(6), until: null, value: { reasonCode: 'not_connected_since_enabled' } },
      { from: history.time(1), until: history.time(2), value: { reasonCode: 'disabled' } },
    ]);
  });

  it('pages forwards and backwards over the same intervals, across many facts', async () => {
    const history = new History().service().enable().user();
    for (let n = 0; n < 150; n += 1) {
      history.open(`CN${n}`).open(`CNx${n}`).close(`CNx${n}`).close(`CN${n}`);
      if (n % 7 === 0) history.disable().enable();
    }
    await tell(history);
    const all = await timeline.history(1_000);
    expect(all.length).toBeGreaterThan(300);
    expect(await timeline.history(7)).toEqual(all);

    const { userSid, serviceSid } = history.ids;
    for (let from = all.length - 1; from > 0; from -= 7) {
      const place = all[from]?.position ?? '';
      const cursor = { before: place };
      const page = await timeline.readModel.history(serviceSid, userSid, { cursor, size: 7 });
      expect(page?.rows).toEqual(all.slice(Math.max(from - 7, 0), from));
      expect(page?.hasPrevious).toBe(from > 7);
    }
  });
});
