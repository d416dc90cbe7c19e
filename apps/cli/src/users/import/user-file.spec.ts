import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readUserFile } from './user-file.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'reachability-users-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const usersIn = (name: string, content: string | Uint8Array) => {
  const path = join(directory, name);
  writeFileSync(path, content);
  return Array.fromAsync(readUserFile(path));
};
const ofJson = (content: string) => usersIn('users.ndjson', content);
const ofCsv = (content: string) => usersIn('users.csv', content);

describe('A file of Users, one JSON object a line', () => {
  it('is read by the names of Twilio’s wire and of its helpers', async () => {
    const wire = { sid: 'US1', identity: 'ann', friendly_name: 'Ann', attributes: '{"a":1}' };
    const helper = { sid: 'US2', identity: 'bob', friendlyName: 'Bob', isOnline: true };
    expect(await ofJson(`${JSON.stringify(wire)}\n${JSON.stringify(helper)}\n`)).toEqual([
      { identity: 'ann', profile: { friendlyName: 'Ann', attributes: '{"a":1}' } },
      { identity: 'bob', profile: { friendlyName: 'Bob' } },
    ]);
  });

  it('takes attributes as JSON, too', async () => {
    expect(await ofJson('{"identity":"ann","attributes":{"a":[1]}}')).toEqual([
      { identity: 'ann', profile: { attributes: '{"a":[1]}' } },
    ]);
  });

  it('says nothing about what is null or left out', async () => {
    const line = '{"identity":"ann","friendly_name":null,"attributes":null}';
    expect(await ofJson(`${line}\r\n\n{"identity":"bob"}`)).toEqual([
      { identity: 'ann', profile: {} },
      { identity: 'bob', profile: {} },
    ]);
  });

  it('describes nobody where it is empty', async () => {
    expect(await ofJson('')).toEqual([]);
    expect(await ofCsv('')).toEqual([]);
  });

  it.each([
    ['no JSON', '{"identity":', /^Line 2: .*JSON/],
    ['a list', '[]', 'Line 2: It is no JSON object'],
    ['no identity', '{"friendly_name":"x"}', 'Line 2: There is no identity'],
    ['an empty identity', '{"identity":""}', 'Line 2: Identity must not be empty'],
    [
      'a sid for an identity',
      `{"identity":"US${'0'.repeat(32)}"}`,
      /^Line 2: Identity must not look/,
    ],
    ['a number for a name', '{"identity":"x","friendly_name":7}', /^Line 2: The friendly name/],
    [
      'too long a name',
      `{"identity":"x","friendlyName":"${'x'.repeat(257)}"}`,
      /^Line 2: The friendly name is longer than 256/,
    ],
    ['attributes that are no JSON', '{"identity":"x","attributes":"a"}', /^Line 2: The attributes/],
    [
      'too long attributes',
      `{"identity":"x","attributes":{"a":"${'x'.repeat(16_384)}"}}`,
      /^Line 2: The text of the attributes is longer/,
    ],
    ['U+0000 in a name', '{"identity":"x","friendlyName":"a\\u0000"}', /^Line 2: .*U\+0000/],
  ])('is refused at its line for %s', async (_, line, message) => {
    await expect(ofJson(`{"identity":"ann"}\n${line}\n`)).rejects.toThrow(message);
  });

  it('is refused where it is no UTF-8, or one line without an end', async () => {
    const latin = Buffer.from('{"identity":"zo\u00eb"}', 'latin1');
    await expect(usersIn('latin.ndjson', latin)).rejects.toThrow(/utf-8/);
    await expect(ofJson('x'.repeat(1_100_000))).rejects.toThrow('Line 1: It is too long');
  });
});

describe('A file of Users, as CSV', () => {
  it('is read by its titles, in any order', async () => {
    const csv = 'friendly_name,identity,age\r\nAnn,ann,7\r\n,bob,\r\n';
    expect(await ofCsv(csv)).toEqual([
      { identity: 'ann', profile: { friendlyName: 'Ann' } },
      { identity: 'bob', profile: {} },
    ]);
  });

  it('may have a byte order mark, commas, quotation marks and line ends in its fields', async () => {
    const csv = '\ufeffidentity,friendly_name,attributes\n"a,b","x\n""y""","{""a"":1}"\nc,d,{}';
    expect(await ofCsv(csv)).toEqual([
      { identity: 'a,b', profile: { friendlyName: 'x\n"y"', attributes: '{"a":1}' } },
      { identity: 'c', profile: { friendlyName: 'd', attributes: '{}' } },
    ]);
  });

  it.each([
    ['a field too many', 'ann,x,y', /^Line 3: It has 3 fields, and there are 2 titles/],
    ['a quotation mark out of place', 'a"b"n,x', /^Line 3: .*out of place/],
    ['a quotation mark that is never closed', '"ann,x\nb,c', /^Line 3: .*never closed/],
    ['no identity', ',x', /^Line 3: There is no identity/],
  ])('is refused at the line of its record for %s', async (_, line, message) => {
    await expect(ofCsv(`identity,friendly_name\nbob,x\n${line}`)).rejects.toThrow(message);
  });

  it('gives back whatever was written as RFC 4180 has it', async () => {
    const quote = (field: string) => `"${field.replaceAll('"', '""')}"`;
    const field = fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(field, field), { maxLength: 20 }), async (rows) => {
        const lines = rows.map((row) => row.map(quote).join(','));
        const users = await ofCsv(['identity,friendly_name', ...lines].join('\r\n'));
        expect(users).toEqual(
          rows.map(([identity, friendlyName]) => ({ identity, profile: { friendlyName } })),
        );
      }),
      { numRuns: 100 },
    );
  });
});
