import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Cli } from '../../support/cli.ts';
import { fieldsOf, listOf } from '../../support/fields.ts';
import { startProgram, type Program } from '../../support/program.ts';

const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';
const traceparent = `00-${TRACE_ID}-00f067aa0ba902b7-01`;

describe('The trace id of a request, with tracing off', () => {
  let program: Program;
  let cli: Cli;
  let serviceSid: string;
  let user: string;

  beforeAll(async () => {
    program = await startProgram();
    cli = new Cli(program.dataDir);
    serviceSid = (await program.post('/v2/Services', { FriendlyName: 'S' })).sid;
    const service = `/v2/Services/${serviceSid}`;
    user = `${service}/Users/ann`;
    await program.post(`${service}/Users`, { Identity: 'ann' }, { headers: { traceparent } });
    await program.post(user, { FriendlyName: 'Ann' });
  });
  afterAll(() => program.stop());

  it('is in the log where the request named one, and over HTTP', async () => {
    const { body } = await program.get(`${user}/Reachability/Events`);
    const events = listOf(body['events']).map(({ type, trace_id: id }) => [type, id]);
    expect(new Map(events as [string, unknown][])).toEqual(
      new Map([
        ['UserCreated', TRACE_ID],
        ['UserUpdated', null],
      ]),
    );
  });

  it('is named by the audits of the command line', async () => {
    const explained = await cli.run('audit', 'user', 'ann', '--service', serviceSid);
    expect(explained.stdout).toContain(`, trace ${TRACE_ID}\n`);
    const shown = fieldsOf(await cli.json('audit', 'user', 'ann', '--service', serviceSid));
    expect(listOf(shown['events']).map(({ trace_id: id }) => id)).toContain(TRACE_ID);
    const { stdout } = await cli.run('audit', 'export', '--service', serviceSid);
    expect(stdout).toContain(TRACE_ID);
  });

  it('is in an export, which another store imports', async () => {
    const file = join(program.dataDir, 'events.ndjson');
    await cli.run('store', 'export', file);
    const other = new Cli(join(program.dataDir, 'other'));
    await other.run('store', 'import', file);
    const { stdout } = await other.run('audit', 'export', '--service', serviceSid);
    expect(stdout).toContain(TRACE_ID);
  });
});
