import { describe, expect, it } from '@jest/globals';
import type { LiveAnswer } from '../api/schemas.ts';
import { Answers } from './answers.ts';

function answer(sid: string, version: string, isOnline: boolean | null = true): LiveAnswer {
  return {
    sid,
    identity: sid,
    is_online: isOnline,
    is_notifiable: false,
    reason_code: 'online',
    since: null,
    last_online: null,
    open_connections: 1,
    version,
  };
}

function answersWithFrames() {
  const frames: (() => void)[] = [];
  const answers = new Answers((run) => void frames.push(run));
  return { answers, frames, nextFrame: () => frames.splice(0).forEach((run) => run()) };
}

describe('the latest answers', () => {
  it('keep the newer of two versions, whichever comes first', () => {
    const { answers } = answersWithFrames();
    answers.put([answer('US1', 'e:02', true), answer('US1', 'e:01', false)]);
    expect(onlineOf(answers, 'US1')).toBe(true);
    answers.put([answer('US1', 'e:03', false)]);
    expect(onlineOf(answers, 'US1')).toBe(false);
  });

  it('take a version of another epoch, even if its position is lower', () => {
    const { answers } = answersWithFrames();
    answers.put([answer('US1', 'old:09', true), answer('US1', 'new:01', false)]);
    expect(onlineOf(answers, 'US1')).toBe(false);
  });

  it('call the listener of a User once a frame, and no other', () => {
    const { answers, frames, nextFrame } = answersWithFrames();
    const told: string[] = [];
    answers.subscribe('US1', () => told.push('US1'));
    answers.subscribe('US2', () => told.push('US2'));
    answers.put([answer('US1', 'e:01'), answer('US1', 'e:02')]);
    answers.put([answer('US1', 'e:03')]);
    expect(frames).toHaveLength(1);
    nextFrame();
    expect(told).toEqual(['US1']);
  });

  it('call nobody for an answer that is known', () => {
    const { answers, frames, nextFrame } = answersWithFrames();
    answers.put([answer('US1', 'e:01')]);
    nextFrame();
    answers.put([answer('US1', 'e:01')]);
    expect(frames).toEqual([]);
  });

  it('do not call a listener that was removed', () => {
    const { answers, nextFrame } = answersWithFrames();
    const told: string[] = [];
    const remove = answers.subscribe('US1', () => told.push('US1'));
    answers.put([answer('US1', 'e:01')]);
    remove();
    nextFrame();
    expect(told).toEqual([]);
  });

  it('take changes of Users only that were asked for or are shown', () => {
    const { answers } = answersWithFrames();
    answers.put([answer('US1', 'e:01', true)]);
    answers.subscribe('US2', () => undefined);
    for (const sid of ['US1', 'US2', 'US3']) answers.update(answer(sid, 'e:02', false));
    expect(['US1', 'US2', 'US3'].map((sid) => onlineOf(answers, sid))).toEqual([
      false,
      false,
      undefined,
    ]);
  });

  it('say who was deleted, until the User is there again', () => {
    const { answers } = answersWithFrames();
    answers.put([answer('US1', 'e:01')]);
    answers.remove('US1');
    expect(answers.get('US1')).toBe('gone');
    answers.update(answer('US1', 'e:03', null));
    expect(onlineOf(answers, 'US1')).toBeNull();
  });

  it('have to be asked for until they are known, and again after they expired', () => {
    const { answers } = answersWithFrames();
    expect(answers.outdated(['US1', 'US2'])).toEqual(['US1', 'US2']);
    answers.put([answer('US1', 'e:01')]);
    expect(answers.outdated(['US1', 'US2'])).toEqual(['US2']);
    answers.expire();
    expect(answers.outdated(['US1'])).toEqual(['US1']);
    answers.put([answer('US1', 'e:01')]);
    expect(answers.outdated(['US1'])).toEqual([]);
  });
});

function onlineOf(answers: Answers, sid: string): boolean | null | undefined {
  const known = answers.get(sid);
  return known === null || known === 'gone' ? undefined : known.is_online;
}
