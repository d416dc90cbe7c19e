import { describe, expect, it, jest } from '@jest/globals';
import { Emitter } from './emitter.ts';

interface Events {
  said: string;
}

function make() {
  const report = jest.fn<(error: unknown) => void>();
  return { emitter: new Emitter<Events>(report), report };
}

describe('Emitter', () => {
  it('calls listeners in the order they were added', () => {
    const { emitter } = make();
    const heard: string[] = [];
    emitter.add('said', (word) => heard.push(`1 ${word}`));
    emitter.add('said', (word) => heard.push(`2 ${word}`));
    emitter.emit('said', 'hello');
    expect(heard).toEqual(['1 hello', '2 hello']);
  });

  it('reports a listener that throws and calls the others', () => {
    const { emitter, report } = make();
    const other = jest.fn();
    const failure = new Error('no');
    emitter.add('said', () => {
      throw failure;
    });
    emitter.add('said', other);
    emitter.emit('said', 'hello');
    expect(report).toHaveBeenCalledWith(failure);
    expect(other).toHaveBeenCalledWith('hello');
  });

  it('reports a listener whose promise rejects', async () => {
    const { emitter, report } = make();
    const failure = new Error('no');
    emitter.add('said', async () => {
      throw failure;
    });
    emitter.emit('said', 'hello');
    await Promise.resolve();
    expect(report).toHaveBeenCalledWith(failure);
  });

  it('calls a once listener for one event only', () => {
    const { emitter } = make();
    const listener = jest.fn();
    emitter.add('said', listener, { once: true });
    emitter.emit('said', 'one');
    emitter.emit('said', 'two');
    expect(listener.mock.calls).toEqual([['one']]);
  });

  it('calls a once listener once even if it emits the same event', () => {
    const { emitter } = make();
    const listener = jest.fn(() => emitter.emit('said', 'two'));
    emitter.add('said', listener, { once: true });
    emitter.emit('said', 'one');
    expect(listener).toHaveBeenCalledTimes(1);
  });

  it('no longer calls a removed listener', () => {
    const { emitter } = make();
    const listener = jest.fn();
    emitter.add('said', listener);
    emitter.add('said', listener);
    emitter.remove('said', listener);
    emitter.emit('said', 'hello');
    expect(listener).toHaveBeenCalledTimes(1);
  });

  it('calls a listener added during an event from the next event on', () => {
    const { emitter } = make();
    const late = jest.fn();
    emitter.add('said', () => emitter.add('said', late), { once: true });
    emitter.emit('said', 'one');
    expect(late).not.toHaveBeenCalled();
    emitter.emit('said', 'two');
    expect(late).toHaveBeenCalledTimes(1);
  });
});
