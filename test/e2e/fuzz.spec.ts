import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { mintToken } from '../support/mint-token.ts';
import { startProgram, type Program } from '../support/program.ts';
import { createService } from '../support/services.ts';
import { accessToken, connect, type StreamClient } from '../support/stream-client.ts';
import { until } from '../support/until.ts';
import { runExchange, type Outcome } from './fuzz/raw-socket.ts';
import { invalidRequests, type InvalidRequest } from './fuzz/invalid-requests.ts';

/** A new seed for each run; set FUZZ_SEED to repeat a failed one. */
const SEED = Number(process.env['FUZZ_SEED'] ?? Date.now() % 1_000_000);
const FRAMES = Number(process.env['FUZZ_FRAMES'] ?? 10_000);
const AT_ONCE = 64;
/** Pause between the changes that a healthy watcher receives during the run. */
const CHANGES_EVERY_MS = 50;

describe('A server that gets invalid frames', () => {
  let program: Program;
  let service: string;

  beforeAll(async () => {
    const env = {
      CONNECTIONS_PER_USER: '100000',
      HANDSHAKES_PER_SECOND: '100000',
      CONNECT_BURST_PER_USER: '100000',
      WRITE_BURST_PER_USER: '100000',
      LOOKUP_BURST_PER_USER: '1000000',
      WATCHED_USERS_PER_USER: '1000000',
    };
    program = await startProgram({ env });
    service = await createService(program, 0);
  });
  afterAll(async () => {
    await program.stop();
  });

  /** Number of refused HTTP upgrades, handshakes and frames in the metrics. */
  async function countedRefusals(): Promise<number> {
    const { text } = await program.get('/metrics');
    const lines = text.match(
      /^reachability_realtime_(refused_total|handshakes_total\{result="(?!accepted)).*$/gm,
    );
    return (lines ?? []).reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
  }

  async function makeInvalidRequests(): Promise<InvalidRequest[]> {
    const { credentials } = program;
    const other = await createService(program, 0);
    const users = `/v2/Services/${other}/Users`;
    const { sid: userOfOtherService } = await program.post(users, { Identity: 'eve' });
    const owner = `/v2/Services/${service}/Users`;
    await program.post(owner, { Identity: 'owner' });
    const binding = { BindingType: 'fcm', Address: 'theirs' };
    const { sid: bindingOfOther } = await program.post(`${owner}/owner/Bindings`, binding);
    const valid = mintToken(credentials, service, 'mallory-0');
    const tokens = new Map<string, string>();
    return fc.sample(
      invalidRequests({
        token: (identity) => {
          const token = tokens.get(identity) ?? mintToken(credentials, service, identity);
          tokens.set(identity, token);
          return token;
        },
        refusedTokens: [
          '',
          valid.slice(0, -1),
          mintToken(credentials, service, 'late', -10),
          mintToken(credentials, 'IS1', 'astray'),
          mintToken(
            { ...credentials, apiKey: { ...credentials.apiKey, secret: 'guessed' } },
            service,
            'guesser',
          ),
        ],
        tokenOfMissingService: mintToken(credentials, `IS${'0'.repeat(32)}`, 'nobody'),
        tokenOfOtherService: mintToken(credentials, other, 'mallory-0'),
        userOfOtherService,
        bindingOfOther,
      }),
      { seed: SEED, numRuns: FRAMES },
    );
  }

  function failureOf(request: InvalidRequest, { status, errors, closeCode }: Outcome): string[] {
    const expected = request.errors ?? errors;
    const isExpected =
      status === (request.status ?? 101) &&
      request.closeCodes.includes(closeCode) &&
      JSON.stringify(errors) === JSON.stringify(expected);
    const actual = JSON.stringify({ status, errors, closeCode });
    return isExpected
      ? []
      : [`${request.name}: ${actual} to ${request.frames[0]?.toString('latin1').slice(0, 200)}`];
  }

  /** Connects and disconnects a User until `isOver`. Returns the number of changes of its state. */
  async function connectRepeatedly(isOver: () => boolean): Promise<number> {
    for (let changes = 0; ; changes += 2) {
      if (isOver()) return changes;
      const bob = connect(program, accessToken(program, service, 'bob'));
      await bob.next();
      bob.send({ type: 'bye' });
      await bob.closed;
      await new Promise((resolve) => setTimeout(resolve, CHANGES_EVERY_MS));
    }
  }

  async function healthyWatcher(): Promise<StreamClient> {
    const watcher = connect(program, accessToken(program, service, 'watcher'));
    expect(await watcher.next()).toMatchObject({ type: 'ready' });
    await watcher.watch('bob');
    return watcher;
  }

  it(`answers and counts each of ${FRAMES} invalid frames, while a healthy watcher misses no change (seed ${SEED})`, async () => {
    const cases = await makeInvalidRequests();
    const watcher = await healthyWatcher();
    const port = Number(new URL(program.url).port);
    const before = await countedRefusals();
    const failures: string[] = [];
    let isOver = false;
    const changing = connectRepeatedly(() => isOver);
    const rest = cases.values();
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        for (const request of rest) {
          const outcome = await runExchange(port, request.head, request.frames, request.maxErrors);
          failures.push(...failureOf(request, outcome));
        }
      }),
    );
    isOver = true;
    const changes = await changing;
    expect(failures).toEqual([]);
    expect((await countedRefusals()) - before).toBe(cases.length);
    // The first frame reports that bob was created.
    await until('the last change', () => watcher.unreadFrames.length > changes || undefined);
    const [created, ...online] = watcher.unreadFrames.map(({ is_online }) => is_online);
    expect(created).toBe(null);
    expect(online).toEqual(Array.from({ length: changes }, (_, index) => index % 2 === 0));
    expect(program.output.stderr).toBe('');
  }, 300_000);
});
