import { closeSync, openSync, readdirSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { textOf } from '../support/fields.ts';
import type { Program } from '../support/program.ts';
import { Programs } from '../support/programs.ts';
import { createService } from '../support/services.ts';
import { until } from '../support/until.ts';

const PAGE_BYTES = 4_096;
/** Enough for the tables to have pages beyond the first ones. */
const USERS = 60;

describe('A data directory of which a file is', () => {
  let programs: Programs;
  let program: Program;
  let users: string;

  beforeEach(async () => {
    programs = new Programs();
    program = await programs.start();
    users = `/v2/Services/${await createService(program)}/Users`;
    for (let n = 1; n <= USERS; n += 1) await program.post(users, { Identity: `u${n}` });
    await program.post(`${users}/u1/Connections`, { Ttl: '3600' });
  });
  afterEach(() => programs.end());

  /** Files of a database: itself, and its write-ahead log. */
  const filesOf = (name: RegExp): string[] =>
    readdirSync(programs.dataDir)
      .filter((file) => name.test(file))
      .map((file) => join(programs.dataDir, file));

  function remove(name: RegExp): void {
    for (const file of filesOf(name)) rmSync(file);
  }

  /** Overwrites all pages of a database but the first. Its write-ahead log is emptied by a clean stop before. */
  function damage(name: RegExp): void {
    const [path = ''] = filesOf(name);
    const file = openSync(path, 'r+');
    for (let at = PAGE_BYTES; at < statSync(path).size; at += PAGE_BYTES) {
      writeSync(file, Buffer.alloc(PAGE_BYTES, 0x5a), 0, PAGE_BYTES, at);
    }
    closeSync(file);
  }

  const isOnline = async (): Promise<unknown> =>
    (await program.get(`${users}/u1`)).body['is_online'];

  it('damaged, of the read model: the start names it, and it is rebuilt once it is deleted', async () => {
    await program.stop();
    damage(/^read-model\.db\.users@v\d+$/);
    await expect(programs.start()).rejects.toThrow(/read-model\.db\.users@v1: .*delete it/);
    remove(/^read-model\.db\.users@v\d+/);
    program = await programs.start();
    expect(await isOnline()).toBe(true);
  });

  it('damaged, of the log: the start names it, and nothing is written', async () => {
    await program.stop();
    damage(/^events\.db$/);
    await expect(programs.start()).rejects.toThrow(/events\.db/);
  });

  it('lost, of operational state: keys count again once they are rotated, and Connections stay', async () => {
    const { body } = await program.post('/v2/ApiKeys', { FriendlyName: 'k', Scopes: 'read' });
    const [username, password] = [textOf(body, 'sid'), textOf(body, 'secret')];
    await program.stop();
    remove(/^state\.db/);
    program = await programs.start();
    const statusOf = async (secret: string): Promise<number> =>
      (await program.get('/v2/Services', { auth: { username, password: secret } })).status;
    expect(await statusOf(password)).toBe(401);
    const rotated = textOf(
      (await program.post(`/v2/ApiKeys/${username}/Rotations`)).body,
      'secret',
    );
    await until('the key to count', async () => (await statusOf(rotated)) === 200 || undefined);
    expect(await isOnline()).toBe(true);
  });
});
