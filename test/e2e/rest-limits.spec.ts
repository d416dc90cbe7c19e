import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type RequestOptions } from '../support/http-client.ts';
import { startProgram, type Program } from '../support/program.ts';

const FORM = 'application/x-www-form-urlencoded';
const form = (raw: string): RequestOptions => ({ raw, headers: { 'content-type': FORM } });
const repeated = (count: number, parameter: string) =>
  Array<string>(count).fill(parameter).join('&');

describe('Limits of a request', () => {
  let program: Program;
  let service: string;

  beforeAll(async () => {
    program = await startProgram();
    const { sid } = await program.post('/v2/Services', { FriendlyName: 'Limits' });
    service = `/v2/Services/${sid}`;
    await program.post(`${service}/Users`, { Identity: 'ann' });
  });
  afterAll(async () => {
    expect(await program.stop()).toBe(0);
  });

  describe('count parameters', () => {
    const json = (value: unknown): RequestOptions => ({ json: value });
    const keys = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`p${index}`, 1]));

    it.each<[string, string, RequestOptions]>([
      ['90,000 Users in a form', '/Reachability/Query', form(repeated(90_000, 'User=ann'))],
      ['90,000 Users in JSON', '/Reachability/Query', json({ User: Array(90_000).fill('ann') })],
      [
        '20,000 different parameters in a form',
        '/Users',
        form(Object.keys(keys(20_000)).join('&')),
      ],
      ['20,000 keys in JSON', '/Users', json({ Identity: 'x', ...keys(20_000) })],
      ['20,000 keys inside a parameter', '/Users', json({ Identity: 'x', y: keys(20_000) })],
      [
        '50,000 levels',
        '/Users',
        { raw: '['.repeat(50_000), headers: { 'content-type': 'application/json' } },
      ],
      [
        '5,000 parameters in a query string',
        `/Users?${repeated(5_000, 'a')}`,
        json({ Identity: 'x' }),
      ],
    ])('and refuse %s', async (_, path, options) => {
      const answer = await program.request('POST', `${service}${path}`, options);
      expect([answer.status, answer.body['code'], answer.body['message']]).toEqual([
        400,
        20001,
        'A request must have at most 2000 parameters and values',
      ]);
    });

    it('and refuse a list with 5,000 parameters in its query string', async () => {
      expect((await program.get(`${service}/Users?${repeated(5_000, 'a')}`)).status).toBe(400);
    });

    it('and allow a query for 1,000 Users', async () => {
      const path = `${service}/Reachability/Query`;
      const users = Array.from({ length: 1_000 }, (_, index) => `user-${index}`);
      expect((await program.post(path, { User: users })).status).toBe(200);
      expect((await program.request('POST', path, json({ User: users }))).status).toBe(200);
    });
  });

  describe('on Attributes', () => {
    const update = (Attributes: string) => program.post(`${service}/Users/ann`, { Attributes });

    it.each(['{"a":1}', '[]', '"text"', '7', 'true', 'false', 'null'])(
      'accept any JSON: %s',
      async (attributes) => {
        expect((await update(attributes)).body).toMatchObject({ attributes });
      },
    );

    it.each(['{', 'text', '', "{'a':1}", 'undefined'])(
      "refuse other text with Twilio's code: %j",
      async (attributes) => {
        expect((await update(attributes)).body).toMatchObject({
          status: 400,
          code: 50304,
          message: 'Attributes must be a JSON document',
        });
      },
    );
  });
});
