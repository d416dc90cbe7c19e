import { execFile, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startProgram, type Program } from '../../support/program.ts';

const SCRIPT = join(import.meta.dirname, 'python-helper.py');
/** The system's own Python, which has the helper where the package `python3-twilio` is installed. */
const PYTHON = '/usr/bin/python3';
const VERSION = ['-c', 'import twilio; print(twilio.__version__)'];

const version = existsSync(PYTHON)
  ? spawnSync(PYTHON, VERSION, { encoding: 'utf8' }).stdout.trim()
  : '';
const describeHelper = version === '' ? describe.skip : describe;
const name = version === '' ? 'twilio' : `twilio ${version}`;

describeHelper(`${name} in Python`, () => {
  let program: Program;

  beforeAll(async () => {
    program = await startProgram();
  });
  afterAll(() => program.stop());

  it('reads null, true and false of a User, lists, updates, deletes, and gets errors', async () => {
    const { accountSid, authToken } = program.credentials;
    const args = [SCRIPT, program.url, accountSid, authToken];
    const { stdout } = await promisify(execFile)(PYTHON, args);
    expect(JSON.parse(stdout)).toEqual({
      version,
      before: [null, null],
      connected: [true, false],
      listed: [['ann', null]],
      closed: [false, false],
      paged: ['ann', 'bob'],
      updated: 'Ann',
      deleted: true,
      missing: [404, 20404],
    });
  });
});
