import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { reachabilityRegistry } from '#domain';
import { seedStore } from '#history-seeder';
import { InMemoryEventStore } from '../../../../test/support/in-memory-event-store.ts';
import type { NewEvent, RecordedEvent } from '../envelope.ts';
import { EventStoreUnavailableError } from '../errors.ts';
import { eventLine, headerLine, trailerLine } from './file-format.ts';
import {
  DamagedFileError,
  exportFile,
  exportTo,
  importFile,
  NewerExportError,
  StoreDiffersError,
} from './index.ts';
import type { ImportOptions, ImportProgress } from './import.ts';
import { createHash } from 'node:crypto';

const SEED = { users: 8, events: 120, seed: 7 };
const options: ImportOptions = { registry: reachabilityRegistry };

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'transfer-'));
  file = join(folder, 'log.ndjson');
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function seeded(): Promise<InMemoryEventStore> {
  const store = new InMemoryEventStore();
  await seedStore(store, SEED);
  return store;
}

/** Lines of an export file with events that no store has checked. */
function exported(events: readonly RecordedEvent[]): string {
  const hash = createHash('sha256');
  let text = '';
  let crc = 0;
  for (const event of events) {
    const line = eventLine(event, crc);
    crc = line.crc;
    text += `${line.text}\n`;
  }
  const trailer = trailerLine(events.length, hash.update(text).digest('hex'), crc);
  return `${headerLine('0badcafe').text}\n${text}${trailer.text}\n`;
}

function changed(
  events: readonly RecordedEvent[],
  index: number,
  changes: Partial<RecordedEvent>,
): RecordedEvent[] {
  return events.map((event, at) => (at === index ? { ...event, ...changes } : event));
}

/** Imports `content` into an empty store, which must stay empty. */
async function refusal(content: string | Buffer, importOptions = options): Promise<Error> {
  await writeFile(file, content);
  const store = new InMemoryEventStore();
  const outcome = await importFile(store, file, importOptions).then(
    () => new Error('It was imported'),
    (error: unknown) => error,
  );
  expect(store.appendCalls).toBe(0);
  return outcome as Error;
}

describe('An exported and imported log', () => {
  it('has the same ids, order, revisions, data and metadata', async () => {
    const source = await seeded();
    const target = new InMemoryEventStore();
    await exportFile(source, file);
    const summary = await importFile(target, file, options);
    expect(target.log).toEqual(source.log);
    expect(JSON.stringify(target.log)).toBe(JSON.stringify(source.log));
    expect(summary).toEqual({ events: 120, present: 0, written: 120, unknownTypes: {} });
  });

  it('gives the same bytes when exported again', async () => {
    const target = new InMemoryEventStore();
    const again = join(folder, 'again.ndjson');
    await exportFile(await seeded(), file);
    await importFile(target, file, options);
    await exportFile(target, again);
    expect(await readFile(again)).toEqual(await readFile(file));
  });

  it('is written as it was appended: the events of one command on one stream together', async () => {
    const source = await seeded();
    const target = new InMemoryEventStore();
    await exportFile(source, file);
    await importFile(target, file, options);
    expect(target.appendCalls).toBe(source.appendCalls);
    expect(target.appendCalls).toBeLessThan(120);
  });

  it('counts an event of the future as of the latest time before it, and continues after an interruption', async () => {
    const { log } = await seeded();
    const occurredAt = '2999-01-01T00:00:00.000Z';
    const wild = { ...log[60]!.metadata, occurredAt };
    await writeFile(file, exported(changed(log, 60, { metadata: wild })));
    const target = new InMemoryEventStore();
    await importFile(target, file, options);
    const latest = log
      .slice(0, 60)
      .map(({ metadata }) => metadata.occurredAt)
      .reduce((a, b) => (a > b ? a : b));
    expect(target.log[60]?.metadata).toEqual({ ...wild, recordedAt: latest });
    expect(target.log.filter(({ metadata }) => metadata.recordedAt !== undefined)).toHaveLength(1);
    expect(await importFile(target, file, options)).toMatchObject({ present: 120, written: 0 });
  });

  it('may be empty', async () => {
    const target = new InMemoryEventStore();
    expect(await exportFile(new InMemoryEventStore(), file)).toMatchObject({ events: 0 });
    expect(await importFile(target, file, options)).toMatchObject({ events: 0, written: 0 });
  });

  it('keeps text of any script, and keys such as __proto__', async () => {
    const [first] = (await seeded()).log;
    const data = JSON.parse(
      '{"serviceSid":"IS1","friendlyName":"\\u2028 😀 \\ud800","__proto__":1}',
    ) as object;
    const event = { ...first!, data };
    const source = new InMemoryEventStore();
    await source.append(event.stream, 'no_stream', [event]);
    await exportFile(source, file);
    const target = new InMemoryEventStore();
    await importFile(target, file, options);
    expect(JSON.stringify(target.log)).toBe(JSON.stringify(source.log));
  });

  it('reports progress: first checked bytes, then written events', async () => {
    const steps: ImportProgress[] = [];
    await exportFile(await seeded(), file);
    await importFile(new InMemoryEventStore(), file, {
      ...options,
      onProgress: (step) => steps.push(step),
    });
    expect(steps.at(-1)).toEqual({ phase: 'write', done: 120, total: 120 });
  });
});

describe('An export', () => {
  it('leaves no file when the log cannot be read', async () => {
    const store = await seeded();
    store.failNextRead(new EventStoreUnavailableError('gone'));
    await expect(exportFile(store, file)).rejects.toThrow('gone');
    expect(await readdir(folder)).toEqual([]);
  });

  it('leaves no file when it is aborted, and throws the reason', async () => {
    const reason = new Error('enough');
    const signal = AbortSignal.abort(reason);
    await expect(exportFile(await seeded(), file, { signal })).rejects.toBe(reason);
    expect(await readdir(folder)).toEqual([]);
  });

  it('keeps an older file of the same name until the new one is complete', async () => {
    await writeFile(file, 'older');
    const store = await seeded();
    store.failNextRead(new EventStoreUnavailableError('gone'));
    await expect(exportFile(store, file)).rejects.toThrow('gone');
    expect(await readFile(file, 'utf8')).toBe('older');
    await exportFile(store, file);
    expect(await readFile(file, 'utf8')).toContain('reachability-events');
  });

  it('writes a file that only its owner may read', async () => {
    await exportFile(await seeded(), file);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  it('waits for a slow stream', async () => {
    const store = await seeded();
    const chunks: string[] = [];
    const slow = new Writable({
      highWaterMark: 1,
      write(chunk: Buffer, _encoding, done) {
        chunks.push(chunk.toString('utf8'));
        setImmediate(done);
      },
    });
    await exportTo(store, slow);
    await exportFile(store, file);
    expect(chunks.join('')).toBe(await readFile(file, 'utf8'));
  });
});

describe('An import refuses, without writing anything,', () => {
  it('a file truncated after any of its lines', async () => {
    await exportFile(await seeded(), file);
    const lines = (await readFile(file, 'utf8')).split('\n').slice(0, -1);
    for (let kept = 0; kept < lines.length; kept += 1) {
      const cut = lines.slice(0, kept).map((line) => `${line}\n`);
      const error = await refusal(cut.join(''));
      expect(error).toBeInstanceOf(DamagedFileError);
      expect(error.message).toBe(`Line ${kept + 1} is missing: the file ends without a trailer`);
    }
  });

  it('a file truncated within a line', async () => {
    await exportFile(await seeded(), file);
    const whole = await readFile(file);
    for (let length = 1; length < whole.length; length += 997) {
      if (whole[length - 1] === 0x0a) continue;
      const line = whole.subarray(0, length).toString('latin1').split('\n').length;
      const error = await refusal(whole.subarray(0, length));
      expect(error.message).toBe(`Line ${line} is truncated: it has no line break`);
    }
    expect((await refusal(whole.subarray(0, -1))).message).toMatch(/^Line 122 is truncated/);
  });

  it('a file with one byte altered anywhere, and names the line', async () => {
    const { log } = await seeded();
    const whole = Buffer.from(exported(log.slice(0, 3)));
    for (let at = 0; at < whole.length; at += 13) {
      if (whole[at] === 0x0a) continue;
      const altered = Buffer.from(whole);
      altered.writeUInt8(altered.readUInt8(at) ^ 0x01, at);
      const line = whole.subarray(0, at).toString('latin1').split('\n').length;
      const error = await refusal(altered);
      expect(error).toBeInstanceOf(DamagedFileError);
      expect(error).toHaveProperty('line', line);
    }
  });

  it.each([
    ['taken out', (lines: string[]) => lines.toSpliced(50, 1), 51],
    ['put in twice', (lines: string[]) => lines.toSpliced(50, 0, lines[50]!), 52],
    ['moved', (lines: string[]) => lines.toSpliced(50, 2, lines[51]!, lines[50]!), 51],
  ])('a file with a line %s', async (_, change, line) => {
    await exportFile(await seeded(), file);
    const lines = (await readFile(file, 'utf8')).split('\n');
    expect(await refusal(change(lines).join('\n'))).toHaveProperty('line', line);
  });

  it('a file with anything after its trailer', async () => {
    const { log } = await seeded();
    const error = await refusal(`${exported(log.slice(0, 2))}\n`);
    expect(error.message).toBe('Line 5 comes after the trailer');
  });

  it.each([
    ['', 'Line 1 is missing: the file ends without a trailer'],
    ['{"a":1}\n', 'Line 1 is not the header of an export of the event log'],
    ['hello\n', 'Line 1 is not JSON'],
    ['\u0000\u0001', 'Line 1 is truncated: it has no line break'],
  ])('content that is not an export: %j', async (content, message) => {
    expect((await refusal(content)).message).toBe(message);
  });

  it('a file of a newer program, whatever its header has', async () => {
    const text = '{"format":"reachability-events","version":3,"new":true}\n';
    const error = await refusal(text);
    expect(error).toBeInstanceOf(NewerExportError);
    expect(error.message).toBe(
      'The file has format version 3, of a newer program; this one reads 2',
    );
  });

  it('revisions with a gap', async () => {
    const { log } = await seeded();
    const index = log.findIndex(({ revision }) => revision === 3);
    const { stream } = log[index]!;
    const error = await refusal(exported(changed(log, index, { revision: 4 })));
    expect(error.message).toBe(`Line ${index + 2} has revision 4 of ${stream}; the next one is 3`);
  });

  it('an event that does not fit its schema', async () => {
    const { log } = await seeded();
    const error = await refusal(exported(changed(log, 5, { type: 'NodeLost' })));
    expect(error.message).toMatch(/^Line 7 has an event that this program cannot read: NodeLost/);
  });

  it.each<[string, Partial<NewEvent> | { stream: string }]>([
    ['an id that is no UUID', { id: 'event-1' }],
    ['a stream that is none of the log', { stream: '$system' }],
    ['metadata with another field', { metadata: { extra: 1 } as never }],
    ['a schema version below 1', { schemaVersion: 0 }],
    ['data that is no object', { data: [1] }],
  ])('an event with %s', async (_, changes) => {
    const { log } = await seeded();
    const error = await refusal(exported(changed(log, 5, changes)));
    expect(error.message).toMatch(/^Line 7 is not an event: /);
  });

  it('an event type that this program does not know', async () => {
    const { log } = await seeded();
    const error = await refusal(exported(changed(log, 5, { type: 'UserTeleported' })));
    expect(error.message).toBe(
      'Line 7 has an event that this program cannot read: Unknown event type UserTeleported',
    );
  });
});

describe('An import with keepUnknownTypes', () => {
  it('imports events of unknown types unchanged, and counts them', async () => {
    const { log } = await seeded();
    const strange = changed(log, 5, { type: 'UserTeleported', data: { to: 'Mars' } });
    await writeFile(file, exported(strange));
    const target = new InMemoryEventStore();
    const summary = await importFile(target, file, { ...options, keepUnknownTypes: true });
    expect(summary).toMatchObject({ written: 120, unknownTypes: { UserTeleported: 1 } });
    expect(target.log).toEqual(strange);
  });
});

describe('An import into a store that is not empty', () => {
  it('writes nothing if the store already has the whole log', async () => {
    const store = await seeded();
    await exportFile(store, file);
    const { appendCalls } = store;
    expect(await importFile(store, file, options)).toMatchObject({ present: 120, written: 0 });
    expect(store.appendCalls).toBe(appendCalls);
  });

  it('continues an interrupted import', async () => {
    const source = await seeded();
    await exportFile(source, file);
    const target = new InMemoryEventStore();
    target.beforeAppend = () => {
      if (target.appendCalls === 40) throw new EventStoreUnavailableError('power cut');
    };
    await expect(importFile(target, file, options)).rejects.toThrow('power cut');
    const present = target.log.length;
    expect(present).toBeGreaterThan(30);
    const summary = await importFile(target, file, options);
    expect(summary).toEqual({ events: 120, present, written: 120 - present, unknownTypes: {} });
    expect(target.log).toEqual(source.log);
  });

  it('adds the new events of a later export of the same log', async () => {
    const source = await seeded();
    const target = new InMemoryEventStore();
    await writeFile(file, exported(source.log.slice(0, 60)));
    await importFile(target, file, options);
    await exportFile(source, file);
    expect(await importFile(target, file, options)).toMatchObject({ present: 60, written: 60 });
    expect(target.log).toEqual(source.log);
  });

  it.each<[string, Partial<RecordedEvent>]>([
    ['another id', { id: '00000000-0000-4000-8000-000000000000' }],
    ['other data', { data: { serviceSid: 'IS1', friendlyName: 'Other' } }],
  ])('is refused before anything is written if an event has %s', async (_, changes) => {
    const { log } = await seeded();
    await writeFile(file, exported(log));
    const [first] = changed(log, 0, changes);
    const target = new InMemoryEventStore();
    await target.append(first!.stream, 'no_stream', [first!]);
    const refused = importFile(target, file, options);
    await expect(refused).rejects.toThrow(StoreDiffersError);
    await expect(refused).rejects.toThrow(/^The store has ServiceCreated .* where line 2 has/);
    expect(target.log).toHaveLength(1);
  });

  it('is refused if the store has other streams', async () => {
    const { log } = await seeded();
    await writeFile(file, exported(log));
    const target = new InMemoryEventStore();
    await target.append('node-other', 'no_stream', [log[0]!]);
    await expect(importFile(target, file, options)).rejects.toThrow(StoreDiffersError);
    expect(target.log).toHaveLength(1);
  });

  it('reports a damaged file rather than a different store', async () => {
    const store = await seeded();
    const text = exported(changed(store.log, 0, { id: '00000000-0000-4000-8000-000000000000' }));
    await writeFile(file, text.slice(0, -1));
    await expect(importFile(store, file, options)).rejects.toThrow(DamagedFileError);
  });
});

describe('An aborted import', () => {
  it('throws the reason, and leaves the beginning of the log in the store', async () => {
    const source = new InMemoryEventStore();
    await seedStore(source, { users: 60, events: 2_500 });
    await exportFile(source, file);
    const target = new InMemoryEventStore();
    const controller = new AbortController();
    const reason = new Error('enough');
    const refused = importFile(target, file, {
      ...options,
      signal: controller.signal,
      onProgress: ({ phase }) => {
        if (phase === 'write') controller.abort(reason);
      },
    });
    await expect(refused).rejects.toBe(reason);
    const { length } = target.log;
    expect(length).toBeGreaterThan(0);
    expect(length).toBeLessThan(2_500);
    expect(target.log).toEqual(source.log.slice(0, length));
    await importFile(target, file, options);
    expect(target.log).toEqual(source.log);
  });
});
