import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { Cli } from '../../support/cli.ts';
import type { JsonObject } from '../../support/http-client.ts';
import { startProgram, type Program } from '../../support/program.ts';
import { createService } from '../../support/services.ts';
import { until } from '../../support/until.ts';

describe('The summary of a Service', () => {
  let program: Program;
  let service: string;
  let users: string;

  beforeAll(async () => {
    program = await startProgram();
    service = await createService(program);
    users = `/v2/Services/${service}/Users`;
    for (const identity of ['ann', 'bob', 'cid', 'dan']) {
      await program.post(users, { Identity: identity });
    }
    for (const identity of ['ann', 'bob', 'bob', 'cid']) {
      const { sid } = await program.post(`${users}/${identity}/Connections`, { Ttl: '3600' });
      if (identity === 'cid') await program.delete(`${users}/cid/Connections/${sid}`);
    }
    await program.post(`${users}/cid/Bindings`, { BindingType: 'fcm', Address: 'a' });
    await program.post(`${users}/dan/Bindings`, { BindingType: 'fcm', Address: 'b' });
  });
  afterAll(() => program.stop());

  const path = (sid = service): string => `/v2/Services/${sid}/Reachability/Summary`;
  /** The first summary that shows all that was written before. */
  const read = (query = ''): Promise<JsonObject> =>
    until('a summary that is not behind', async () => {
      const answer = await program.get(`${path()}${query}`);
      return answer.headers['x-read-model'] === 'behind' ? undefined : answer.body;
    });
  const summary = (): Promise<JsonObject> => read();
  /** A summary without its version, which events of nodes move, and without the port of the server. */
  const counted = (summary: JsonObject): JsonObject =>
    Object.fromEntries(
      Object.entries(summary).filter(([name]) => name !== 'version' && name !== 'url'),
    );
  const COUNTS = {
    users: 4,
    online: 2,
    offline: 1,
    unknown: 1,
    notifiable: 1,
    open_connections: 3,
  };

  it('counts what was written before, now and at the end of its series', async () => {
    const { headers } = await program.post(users, { Identity: 'eve' });
    const body = await summary();
    expect(body).toMatchObject({ ...COUNTS, users: 5, unknown: 2, reachability_enabled: true });
    const { version } = body as { version: string };
    expect(version >= String(headers['x-reachability-version'])).toBe(true);
    for (const key of ['minutes', 'hours']) {
      const points = body[key] as JsonObject[];
      expect(points.at(-1)).toMatchObject({ ...COUNTS, users: 5, unknown: 2 });
      expect(points.at(-1)?.['time']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:00Z$/);
    }
    await program.delete(`${users}/eve`);
    expect(await summary()).toMatchObject(COUNTS);
  });

  it.each([
    ['minute', 'hours'],
    ['hour', 'minutes'],
  ])('has the points of one resolution alone: %s', async (resolution, missing) => {
    const body = await read(`?Resolution=${resolution}`);
    expect(body[missing]).toBeNull();
    expect((body[`${resolution}s`] as JsonObject[]).length).toBeGreaterThan(0);
  });

  it('has no points where none are asked for, and refuses other resolutions by name', async () => {
    expect(await read('?Resolution=none')).toMatchObject({ ...COUNTS, minutes: null, hours: null });
    const wrong = await program.get(`${path()}?Resolution=second`);
    expect([wrong.status, wrong.body['code']]).toEqual([400, 20001]);
    expect(wrong.body['message']).toMatch(/^Resolution /);
  });

  it('is on the command line what it is over HTTP', async () => {
    const cli = new Cli(program.dataDir);
    const json = (await cli.json('services', 'summary', service)) as JsonObject;
    expect(counted(json)).toEqual(counted(await summary()));
    expect(await cli.run('services', 'summary', service)).toEqual({
      code: 0,
      stdout: `${service}: 4 Users\nonline: 2\noffline: 1\nunknown: 1\nnotifiable: 1\nopen connections: 3\n`,
      stderr: '',
    });
    const nowhere = await cli.run('services', 'summary', `IS${'0'.repeat(32)}`);
    expect(nowhere).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/There is no Service/),
    });
    expect(await cli.run('projections', 'verify', 'summary')).toMatchObject({ code: 0 });
    expect(await cli.run('projections', 'rebuild', 'summary')).toMatchObject({ code: 0 });
    expect(await summary()).toMatchObject(COUNTS);
  });

  it('may be read with a key of scope read, and only of the Services of the key', async () => {
    const other = await createService(program);
    const key = await program.post('/v2/ApiKeys', {
      FriendlyName: 'back end',
      Scopes: 'read',
      Services: service,
    });
    const auth = { username: key.sid, password: (key.body as { secret: string }).secret };
    expect((await program.get(path(), { auth })).body).toMatchObject(COUNTS);
    expect((await program.get(path(other), { auth })).status).toBe(404);
    const unknown = await program.get(path(`IS${'0'.repeat(32)}`));
    expect([unknown.status, unknown.body['code']]).toEqual([404, 20404]);
    const signing = await program.post('/v2/ApiKeys', { FriendlyName: 'signer', Scopes: 'sign' });
    const { secret } = signing.body as { secret: string };
    const signer = { username: signing.sid, password: secret };
    expect((await program.get(path(), { auth: signer })).status).toBe(403);
  });

  it('knows nobody right after the flag was changed twice, and is made anew without the read model', async () => {
    for (const value of ['false', 'true']) {
      await program.post(`/v2/Services/${service}`, { ReachabilityEnabled: value });
    }
    const unknown = { ...COUNTS, online: 0, offline: 0, unknown: 4, notifiable: 0 };
    expect(await summary()).toMatchObject(unknown);
    await program.post(`${users}/dan/Connections`, { Ttl: '3600' });
    const before = await summary();
    expect(before).toMatchObject({ online: 1, unknown: 3, notifiable: 1, open_connections: 4 });
    await program.kill();
    for (const suffix of ['', '-wal', '-shm']) {
      rmSync(join(program.dataDir, `read-model.db${suffix}`), { force: true });
    }
    program = await program.restart();
    expect(counted(await summary())).toEqual(counted(before));
  });
});
