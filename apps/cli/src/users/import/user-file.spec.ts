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
  it('has the field names of Twilio’s REST API or of its helper libraries', async () => {
    const wire = { sid: 'US1', identity: 'ann', friendly_name: 'Ann', attributes: '{"a":1}' };
    const helper = { sid: 'US2', identity: 'bob', friendlyName: 'Bob', isOnline: true };
    expect(await ofJson(`${JSON.stringify(wire)}\n${JSON.stringify(helper)}\n`)).toEqual([
      { identity: 'ann', profile: { friendlyName: 'Ann', attributes: '{"a":1}' } },
      { identity: 'bob', profile: { friendlyName: 'Bob' } },
    ]);
  });

  it('may have attributes as JSON instead of text', async () => {
    expect(await ofJson('{"identity":"ann","attributes":{"a":[1]}}')).toEqual([
      { identity: 'ann', profile: { attributes: '{"a":[1]}' } },
    ]);
  });

  it('leaves out properties that are null or missing, and skips blank lines', async () => {
    const line = '{"identity":"ann","friendly_name":null,"attributes":null}';
    expect(await ofJson(`${line}\r\n\n{"identity":"bob"}`)).toEqual([
      { identity: 'ann', profile: {} },
      { identity: 'bob', profile: {} },
    ]);
  });

  it('describes no Users where it is empty', async () => {
    expect(await ofJson('')).toEqual([]);
    expect(await ofCsv('')).toEqual([]);
  });

  it.each([
    ['invalid JSON', '{"identity":', /^Line 2: .*JSON/],
    ['a list', '[]', 'Line 2: Not a JSON object'],
    ['no identity', '{"friendly_name":"x"}', 'Line 2: Missing identity'],
    ['an empty identity', '{"identity":""}', 'Line 2: Identity must not be empty'],
    [
      'a sid as the identity',
      `{"identity":"US${'0'.repeat(32)}"}`,
      /^Line 2: Identity must not look/,
    ],
    ['a number as the name', '{"identity":"x","friendly_name":7}', /^Line 2: The friendly name/],
    [
      'a name that is too long',
      `{"identity":"x","friendlyName":"${'x'.repeat(257)}"}`,
      /^Line 2: The friendly name must not exceed 256/,
    ],
    [
      'attributes that are invalid JSON',
      '{"identity":"x","attributes":"a"}',
      /^Line 2: The attributes/,
    ],
    [
      'attributes that are too long',
      `{"identity":"x","attributes":{"a":"${'x'.repeat(16_384)}"}}`,
      /^Line 2: The text of the attributes must not exceed/,
    ],
    ['U+0000 in a name', '{"identity":"x","friendlyName":"a\\u0000"}', /^Line 2: .*U\+0000/],
  ])('is rejected with the line number for %s', async (_, line, message) => {
    await expect(ofJson(`{"identity":"ann"}\n${line}\n`)).rejects.toThrow(message);
  });

  it('is rejected for invalid UTF-8 and for a line that is too long', async () => {
    const latin = Buffer.from('{"identity":"zo\u00eb"}', 'latin1');
    await expect(usersIn('latin.ndjson', latin)).rejects.toThrow(/utf-8/);
    await expect(ofJson('x'.repeat(1_100_000))).rejects.toThrow('Line 1: Longer than 1048576');
  });
});

describe('A file of Users, as CSV', () => {
  it('has a header, whose columns may be in any order', async () => {
    const csv = 'friendly_name,identity,age\r\nAnn,ann,7\r\n,bob,\r\n';
    expect(await ofCsv(csv)).toEqual([
      { identity: 'ann', profile: { friendlyName: 'Ann' } },
      { identity: 'bob', profile: {} },
    ]);
  });

  it('may have a byte order mark, and commas, quotation marks and line ends in fields', async () => {
    const csv = '\ufeffidentity,friendly_name,attributes\n"a,b","x\n""y""","{""a"":1}"\nc,d,{}';
    expect(await ofCsv(csv)).toEqual([
      { identity: 'a,b', profile: { friendlyName: 'x\n"y"', attributes: '{"a":1}' } },
      { identity: 'c', profile: { friendlyName: 'd', attributes: '{}' } },
    ]);
  });

  it.each([
    ['semicolons', 'identity;friendly_name\nann;Doe, Ann\n'],
    [
      'semicolons, and a quoted comma in the header',
      '"identity";"a,b,c";friendly_name\nann;;"Doe, Ann"',
    ],
    ['tabs', '\r\nidentity\tfriendly_name\r\nann\tDoe, Ann\r\n'],
  ])('may be separated by %s', async (_, csv) => {
    expect(await ofCsv(csv)).toEqual([{ identity: 'ann', profile: { friendlyName: 'Doe, Ann' } }]);
  });

  it.each(['Identity,Friendly_Name', 'IDENTITY,FriendlyName', ' identity , Friendly Name'])(
    'may have the header %j',
    async (header) => {
      expect(await ofCsv(`${header}\nann,Ann`)).toEqual([
        { identity: 'ann', profile: { friendlyName: 'Ann' } },
      ]);
    },
  );

  it.each([
    ['one title', 'identity,age,identity', 'Line 1: Columns 1 (identity) and 3 (identity) have'],
    [
      'titles of one property',
      '\nidentity;friendly_name;friendlyName',
      'Line 2: Columns 2 (friendly_name) and 3 (friendlyName) have the same title',
    ],
  ])('is rejected where two columns have %s', async (_, header, message) => {
    await expect(ofCsv(`${header}\na,b,c`)).rejects.toThrow(message);
  });

  it('is rejected where no column is the identity, with the titles that it has', async () => {
    await expect(ofCsv('name|identity,x\nann,x')).rejects.toThrow(
      'Line 1: No column has the title identity. The columns are: name|identity, x',
    );
  });

  it('may have several columns without a title', async () => {
    expect(await ofCsv('identity,,\nann,,')).toEqual([{ identity: 'ann', profile: {} }]);
  });

  it.each([
    ['too many fields', 'ann,x,y', /^Line 3: Invalid CSV: 3 fields, but the header has 2/],
    ['an unexpected quotation mark', 'a"b"n,x', /^Line 3: Invalid CSV: unexpected quotation mark/],
    [
      'a missing closing quotation mark',
      '"ann,x\nb,c',
      /^Line 3: Invalid CSV: missing closing quotation mark/,
    ],
    ['no identity', ',x', /^Line 3: Missing identity/],
  ])('is rejected with the first line of the record for %s', async (_, line, message) => {
    await expect(ofCsv(`identity,friendly_name\nbob,x\n${line}`)).rejects.toThrow(message);
  });

  it.each([
    ['blank lines', '\n  \r\nann,x\n\n,y', /^Line 6: Missing identity/],
    ['line ends in fields', '"ann","1\r\n2\n3"\r\n,y', /^Line 5: Missing identity/],
    ['blank lines and bad quotes', '\n"ann","\n"\r\n\n"bob', /^Line 6: Invalid CSV: missing/],
    ['a record that is too long', `ann,${'x'.repeat(1_100_000)}`, 'Line 2: Longer than 1048576'],
  ])('counts lines in a file with %s', async (_, records, message) => {
    await expect(ofCsv(`identity,friendly_name\n${records}`)).rejects.toThrow(message);
  });

  it('is rejected at its first invalid record, also where a later one is invalid CSV', async () => {
    await expect(ofCsv('identity,friendly_name\n,x\n"ann')).rejects.toThrow(/^Line 2: Missing/);
  });

  it('returns every field that was written as RFC 4180 prescribes', async () => {
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
