import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { reachabilityRegistry, userSid, userStream, type ReachabilityEvent } from '#domain';
import { toNewEvents } from '#event-store';
import { openSqliteEventStore } from '#event-store/adapters/sqlite/index';
import { Cli } from '../../support/cli.ts';
import { textOf } from '../../support/fields.ts';
import { startProgram, type Program } from '../../support/program.ts';
import { createService } from '../../support/services.ts';
import { until } from '../../support/until.ts';

const YEARS_MS = 10 * 365 * 86_400_000;
const HOUR_MS = 3_600_000;

describe('A writer whose clock is ten years ahead', () => {
  let program: Program;
  let service: string;
  const path = (identity: string, rest = ''): string =>
    `/v2/Services/${service}/Users/${identity}${rest}`;

  /** Renames a User, as a process with another clock would. */
  async function renameAt(identity: string, at: Date): Promise<void> {
    const store = await openSqliteEventStore({ path: join(program.dataDir, 'events.db') });
    const sid = userSid(service, identity);
    const events = await Array.fromAsync(store.readStream(userStream(sid)));
    const event: ReachabilityEvent = {
      type: 'UserUpdated',
      data: { serviceSid: service, userSid: sid, changes: { friendlyName: 'Ahead' } },
    };
    const context = { commandId: randomUUID(), correlationId: randomUUID(), actor: 'cli' };
    const made = toNewEvents([event], reachabilityRegistry, at.toISOString(), context);
    await store.append(userStream(sid), events.length - 1, made);
    await store.close();
  }

  beforeAll(async () => {
    program = await startProgram();
    service = await createService(program);
    await program.post(`/v2/Services/${service}/Users`, { Identity: 'ahead' });
    await program.post(`/v2/Services/${service}/Users`, { Identity: 'later' });
    await renameAt('ahead', new Date(Date.now() + YEARS_MS));
    await until('the event of the other writer', async () =>
      (await program.get(path('ahead'))).body['friendly_name'] === 'Ahead' ? true : undefined,
    );
  });
  afterAll(() => program.stop());

  it('does not move the times of later events, and AsOf now gives the present answer', async () => {
    await program.post(path('later', '/Connections'), { Ttl: '60' });
    const { body } = await program.get(path('later', '/Reachability'));
    const since = Date.parse(textOf(body, 'since'));
    expect(Math.abs(since - Date.now())).toBeLessThan(HOUR_MS);
    const asOf = encodeURIComponent(new Date().toISOString());
    const past = await program.get(path('later', `/Reachability?AsOf=${asOf}`));
    expect(past.body).toMatchObject({ is_online: true, version: body['version'] });
  });

  it('is counted and warned of', async () => {
    const { text } = await program.get('/metrics');
    expect(text).toMatch(/^reachability_clock_lead_events_total 1$/m);
  });

  it('leaves a rebuild equal to the live read model', async () => {
    const cli = new Cli(program.dataDir);
    const { code, stdout } = await cli.run('projections', 'verify', 'users');
    expect([code, stdout]).toEqual([0, stdout]);
  });
});
