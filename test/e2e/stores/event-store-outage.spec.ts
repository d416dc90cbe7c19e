import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  hasEventStoreDb,
  startEventStoreDb,
  type EventStoreDbServer,
} from '../../support/eventstored.ts';
import { startProgram, type Program } from '../../support/program.ts';
import { accessToken, connect } from '../../support/stream-client.ts';
import { until } from '../../support/until.ts';

const OUTAGE_LINE = /The event store does not answer: /;
const WRITES = 3;

(hasEventStoreDb() ? describe : describe.skip)('The outage of an EventStoreDB', () => {
  let folder: string;
  let server: EventStoreDbServer;
  let program: Program;
  let serviceSid: string;
  let users: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'event-store-outage-'));
    server = await startEventStoreDb({ folder });
    program = await startProgram({
      env: { EVENT_STORE: 'eventstoredb', EVENTSTOREDB_URL: server.url },
    });
    serviceSid = (await program.post('/v2/Services', { FriendlyName: 'x' })).sid;
    users = `/v2/Services/${serviceSid}/Users`;
    await program.post(users, { Identity: 'ann' });
    // The metrics keep what they have read at least once.
    await program.get('/metrics');
  }, 180_000);

  afterAll(async () => {
    await program.stop();
    await server.stop();
    rmSync(folder, { recursive: true });
  }, 60_000);

  const ready = () => program.get('/health/ready');

  async function untilStale(): Promise<void> {
    await until('reads to be marked', async () => {
      const { headers } = await program.get(`${users}/ann`);
      return 'x-read-model-since' in headers || undefined;
    });
  }

  async function untilReady(): Promise<void> {
    await until('the program to be ready', async () => (await ready()).status === 200 || undefined);
  }

  describe('that is frozen', () => {
    it('shows in every read, which has no staleness bound then', async () => {
      const before = await program.get(`${users}/ann/Reachability`);
      expect(before.body['staleness_bound_ms']).toBe(21_000);
      process.kill(server.pid, 'SIGSTOP');
      await untilStale();
      const paths = [`${users}/ann/Reachability`, `/v2/Services/${serviceSid}/Reachability`];
      for (const path of paths) {
        const { status, headers, body } = await program.get(path);
        expect([status, headers['x-read-model'], body['staleness_bound_ms']]).toEqual([
          200,
          'behind',
          null,
        ]);
      }
      const query = await program.post(`/v2/Services/${serviceSid}/Reachability/Query`, {
        User: 'ann',
      });
      expect([query.headers['x-read-model'], query.body['staleness_bound_ms']]).toEqual([
        'behind',
        null,
      ]);
    }, 60_000);

    it('ends readiness, which says why, and says when to ask again', async () => {
      const answer = await until('the program to be unready', async () => {
        const asked = await ready();
        return asked.status === 503 ? asked : undefined;
      });
      expect(answer.headers['retry-after']).toBe('1');
      expect(answer.body).toMatchObject({
        status: 'event_store_unavailable',
        parts: {
          event_store: { status: 'unavailable', since: expect.any(String) as unknown },
          read_model: { status: 'ok' },
          state: { status: 'ok' },
        },
      });
      expect(answer.text).not.toContain(String(server.port));
      expect((await program.get('/health/live')).status).toBe(200);
    }, 60_000);

    it('leaves the metrics of projections, and adds its own', async () => {
      const { text } = await program.get('/metrics');
      expect(text).toMatch(/^reachability_projection_stuck\{projection="users"\} 0$/m);
      expect(text).toMatch(/^reachability_projection_lag_events\{projection="timeline"\} \d+$/m);
      expect(text).toMatch(/^reachability_event_store_up 0$/m);
      expect(text).toMatch(/^reachability_read_model_up 1$/m);
      const age = /^reachability_event_store_last_read_age_seconds (\S+)$/m.exec(text)?.[1];
      expect(Number(age)).toBeGreaterThan(5);
      const statusAge =
        /^reachability_projection_status_age_seconds\{projection="users"\} (\S+)$/m.exec(text)?.[1];
      expect(Number(statusAge)).toBeGreaterThan(5);
    });

    it('refuses writes and new clients, and asks them to come back', async () => {
      for (let write = 0; write < WRITES; write += 1) {
        const { status, headers } = await program.post(users, { Identity: 'bob' });
        expect([status, headers['retry-after']]).toEqual([503, '1']);
      }
      const client = connect(program, accessToken(program, serviceSid, 'cleo'));
      expect(await client.next()).toMatchObject({ type: 'error', code: 'unavailable' });
      client.socket.terminate();
    }, 60_000);

    it('is a line in the log, instead of one for each request, and another with counts when it is over', async () => {
      process.kill(server.pid, 'SIGCONT');
      const line = await until('a line about the end', () => {
        return /Events can be read and written again after [^"\n]*/.exec(
          program.output.stdout,
        )?.[0];
      });
      expect(line).toContain(`Refused: ${WRITES} requests, 1 handshakes`);
      const errors = program.output.stderr.split('\n').filter((error) => error !== '');
      expect(errors).toEqual(errors.filter((error) => OUTAGE_LINE.test(error)));
    }, 60_000);

    it('is gone from answers after that', async () => {
      await untilReady();
      const { headers, body } = await program.get(`${users}/ann/Reachability`);
      expect(headers).not.toHaveProperty('x-read-model-since');
      expect(body['staleness_bound_ms']).toBe(21_000);
      expect((await program.get('/metrics')).text).toMatch(/^reachability_event_store_up 1$/m);
    }, 60_000);
  });

  it('that is killed and started again looks the same', async () => {
    await server.stop();
    await untilStale();
    expect((await program.post(users, { Identity: 'dan' })).status).toBe(503);
    const status = await until('the program to be unready', async () => {
      const answer = await ready();
      return answer.status === 503 ? answer.body['status'] : undefined;
    });
    expect(status).toBe('event_store_unavailable');
    server = await startEventStoreDb({ folder, port: server.port });
    await untilReady();
    await until('a write', async () => {
      return (await program.post(users, { Identity: 'dan' })).status < 500 || undefined;
    });
  }, 180_000);
});
