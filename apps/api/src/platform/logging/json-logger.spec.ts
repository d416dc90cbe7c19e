import { describe, expect, it } from '@jest/globals';
import { JsonLogger } from './json-logger.ts';
import { LogEntry } from './log-entry.ts';

function logged(log: (logger: JsonLogger) => void) {
  const lines: string[] = [];
  const output = (name: string) => ({
    write: (line: string) => void lines.push(`${name} ${line}`),
  });
  const redact = (text: string): string => text.replaceAll('secret', '***');
  log(new JsonLogger('info', redact, { out: output('out'), errors: output('errors') }));
  return lines.map((line) => {
    const [name = ''] = line.split(' ');
    return [name, JSON.parse(line.slice(name.length)) as Record<string, unknown>] as const;
  });
}

describe('The JSON log', () => {
  it('has level, time, process, context and message of a line', () => {
    const [line] = logged((logger) => logger.log('A secret message', 'Context'));
    expect(line).toEqual([
      'out',
      {
        level: 'info',
        timestamp: expect.any(Number),
        pid: process.pid,
        context: 'Context',
        message: 'A *** message',
      },
    ]);
  });

  it('has the fields of an entry, and its error with the stack and the cause', () => {
    const error = new TypeError('a secret', { cause: new Error('another secret') });
    const fields = { request_id: 'r1', actor: 'key:SK1', trace_id: 't1' };
    const [line] = logged((logger) =>
      logger.error(new LogEntry('It failed', { fields, error }), 'Context'),
    );
    expect(line).toMatchObject([
      'errors',
      {
        level: 'error',
        message: 'It failed',
        ...fields,
        error: {
          type: 'TypeError',
          message: 'a ***',
          stack: expect.stringMatching(/^TypeError: a \*\*\*\n {4}at /),
          cause: { message: 'another ***' },
        },
      },
    ]);
  });

  it('has the stack that Nest passes beside a message', () => {
    const [line] = logged((logger) => logger.error('It failed', 'Error: x\n    at y', 'Context'));
    expect(line?.[1]).toMatchObject({ error: { stack: 'Error: x\n    at y' }, context: 'Context' });
  });

  it('leaves out what is below its level, and the wiring of Nest', () => {
    const lines = logged((logger) => {
      logger.debug('detail', 'Context');
      logger.log('Mapped a route', 'RouterExplorer');
    });
    expect(lines).toEqual([]);
  });
});
