import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { History } from '../../../../test/support/history.ts';
import { foldedAnswer, Timeline, timesOf } from '../../../../test/support/timeline.ts';

const ACTIONS = {
  enable: 3,
  disable: 1,
  user: 3,
  remove: 1,
  open: 4,
  'open late': 1,
  close: 4,
  bind: 2,
  unbind: 2,
  lose: 1,
  behind: 1,
} as const;
type Action = keyof typeof ACTIONS;

const action = fc.constantFrom(
  ...(Object.keys(ACTIONS) as Action[]).flatMap((name) => Array<Action>(ACTIONS[name]).fill(name)),
);

/** A log that the deciders could have written: the requested steps, without those that are impossible. */
function tell(actions: readonly Action[]): History {
  const history = new History().service();
  let enabled = false;
  let connections: string[] = [];
  let bindings: string[] = [];
  let incarnation = 1;
  history.start('n', incarnation);
  for (const [step, next] of actions.entries()) {
    if (next === 'behind') history.clockBehind(step * 7_000);
    if (next === 'enable' && !enabled) history.enable();
    if (next === 'disable' && enabled) history.disable();
    if (next === 'enable' || next === 'disable') enabled = next === 'enable';
    if (next === 'lose') {
      history.lose('n', incarnation).start('n', (incarnation += 1));
    }
    if (next === 'user' && !history.hasUser) history.user();
    if (!history.hasUser) continue;
    const sid = `CN${step}`;
    if (next === 'open') history.open(sid, { nodeId: 'n', incarnation });
    if (next === 'open late') history.open(sid, { nodeId: 'n', incarnation: incarnation - 1 });
    if (next.startsWith('open')) connections.push(sid);
    const closing = connections.at(step % 2 === 0 ? 0 : -1);
    if (next === 'close' && closing !== undefined) {
      history.close(closing, 'abrupt', history.time(history.events.length - 1));
      connections = connections.filter((other) => other !== closing);
    }
    if (next === 'bind') {
      history.bind(`BS${step}`);
      bindings.push(`BS${step}`);
    }
    const unbinding = bindings.shift();
    if (next === 'unbind' && unbinding !== undefined) history.unbind(unbinding);
    else if (unbinding !== undefined) bindings.unshift(unbinding);
    if (next === 'remove') {
      history.remove();
      connections = [];
      bindings = [];
    }
  }
  return history;
}

const histories = fc
  .record({
    actions: fc.array(action, { minLength: 1, maxLength: 60, size: 'max' }),
    batchSize: fc.integer({ min: 1, max: 20 }),
    pageSize: fc.integer({ min: 1, max: 5 }),
  })
  .map((told) => ({ ...told, history: tell(['user', ...told.actions]) }));

const around = (time: string): string[] =>
  [-1, 0, 1].map((ms) => new Date(Date.parse(time) + ms).toISOString());

describe('The timeline of any log', () => {
  it('gives the answer of any time that folding the log up to it gives', async () => {
    await fc.assert(
      fc.asyncProperty(histories, async ({ history: { events }, batchSize }) => {
        const timeline = await new Timeline().add(events, batchSize);
        try {
          for (const at of new Set(timesOf(events).flatMap(around))) {
            const answers = [await timeline.answerAsOf(at), await foldedAnswer(events, at)];
            expect([at, answers[0]]).toEqual([at, answers[1]]);
          }
        } finally {
          timeline.close();
        }
      }),
      { numRuns: 60 },
    );
  });

  it('makes ordered intervals without gaps or repetitions that agree with the answers', async () => {
    await fc.assert(
      fc.asyncProperty(histories, async ({ history: { events }, batchSize, pageSize }) => {
        const timeline = await new Timeline().add(events, batchSize);
        try {
          const intervals = (await timeline.history(pageSize)).reverse();
          expect(intervals.filter(({ until }) => until === null).length).toBeLessThanOrEqual(1);
          for (const [index, { from, until, value }] of intervals.entries()) {
            const next = intervals[index + 1];
            expect(until === null || from <= until).toBe(true);
            if (next === undefined) continue;
            expect(until).not.toBeNull();
            const isGap = (until ?? '') < next.from;
            if (isGap) expect(await timeline.answerAsOf(until ?? '')).toBeNull();
            else if (next.cause.type !== 'UserCreated') expect(next.value).not.toEqual(value);
          }
          for (const at of new Set(timesOf(events).flatMap(around))) {
            const holds = intervals.findLast(
              ({ from, until }) => from <= at && (until === null || at < until),
            );
            const answer = await timeline.answerAsOf(at);
            expect([at, holds?.value.reasonCode]).toEqual([at, answer?.reasonCode]);
            expect([at, holds?.value.isNotifiable]).toEqual([at, answer?.isNotifiable]);
          }
        } finally {
          timeline.close();
        }
      }),
      { numRuns: 60 },
    );
  });
});
