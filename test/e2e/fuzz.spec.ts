import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { mintToken } from '../support/mint-token.ts';
import { startProgram, type Program } from '../support/program.ts';
import { accessToken, connect, type StreamClient } from '../support/stream-client.ts';
import { until } from '../support/until.ts';
import { converse, type Outcome } from './fuzz/raw-socket.ts';
import { wrongs, type Wrong } from './fuzz/wrongs.ts';

/** Another seed each time, unless one is given to see a failure again. */
const SEED = Number(process.env['FUZZ_SEED'] ?? Date.now() % 1_000_000);
const FRAMES = Number(process.env['FUZZ_FRAMES'] ?? 10_000);
const AT_ONCE = 64;
/** Changes that a healthy watcher is to be told of meanwhile. */
const CHANGES_EVERY_MS = 50;

describe('A server that is told nonsense', () => {
  let program: Program;
  let service: string;

  beforeAll(async () => {
    const env = { CONNECTIONS_PER_USER: '100000', HANDSHAKES_PER_SECOND: '100000' };
    program = await startProgram({ env });
    service = await newService();
  });
  afterAll(async () => {
    await program.stop();
  });

  async function newService(): Promise<string> {
    const { sid } = await program.post('/v2/Services', { FriendlyName: 'Fuzz' });
    await program.post(`/v2/Services/${sid}`, { ReachabilityEnabled: 'true' });
    await program.post(`/v2/Services/${sid}/Reachability`, { GraceSeconds: '0' });
    return sid;
  }

  /** Everything that was counted as refused, over HTTP, as a WebSocket or as a frame. */
  async function countedRefusals(): Promise<number> {
    const { text } = await program.get('/metrics');
    const lines = text.match(
      /^reachability_realtime_(refused_total|handshakes_total\{result="(?!accepted)).*$/gm,
    );
    return (lines ?? []).reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
  }

  async function makeWrongs(): Promise<Wrong[]> {
    const { credentials } = program;
    const other = await newService();
    const users = `/v2/Services/${other}/Users`;
    const { sid: userOfOtherService } = await program.post(users, { Identity: 'eve' });
    const owner = `/v2/Services/${service}/Users`;
    await program.post(owner, { Identity: 'owner' });
    const binding = { BindingType: 'fcm', Address: 'theirs' };
    const { sid: bindingOfOther } = await program.post(`${owner}/owner/Bindings`, binding);
    const valid = mintToken(credentials, service, 'mallory-0');
    const tokens = new Map<string, string>();
    return fc.sample(
      wrongs({
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
        tokenOfNoService: mintToken(credentials, `IS${'0'.repeat(32)}`, 'nobody'),
        tokenOfOtherService: mintToken(credentials, other, 'mallory-0'),
        userOfOtherService,
        bindingOfOther,
      }),
      { seed: SEED, numRuns: FRAMES },
    );
  }

  function complaint(wrong: Wrong, { status, errors, closeCode }: Outcome): string[] {
    const expected = wrong.errors ?? errors;
    const fine =
      status === (wrong.status ?? 101) &&
      wrong.closeCodes.includes(closeCode) &&
      JSON.stringify(errors) === JSON.stringify(expected);
    const what = JSON.stringify({ status, errors, closeCode });
    return fine
      ? []
      : [`${wrong.name}: ${what} to ${wrong.frames[0]?.toString('latin1').slice(0, 200)}`];
  }

  /** Lets a User come and go until it is told to end; gives how often its state has changed. */
  async function comeAndGo(isOver: () => boolean): Promise<number> {
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

  it(`answers ${FRAMES} wrong frames with a code each, counts them all, and lets a healthy watcher miss nothing (seed ${SEED})`, async () => {
    const cases = await makeWrongs();
    const watcher = await healthyWatcher();
    const port = Number(new URL(program.url).port);
    const before = await countedRefusals();
    const complaints: string[] = [];
    let over = false;
    const changing = comeAndGo(() => over);
    const rest = cases.values();
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        for (const wrong of rest) {
          const outcome = await converse(port, wrong.head, wrong.frames, wrong.enough);
          complaints.push(...complaint(wrong, outcome));
        }
      }),
    );
    over = true;
    const changes = await changing;
    expect(complaints).toEqual([]);
    expect((await countedRefusals()) - before).toBe(cases.length);
    // The first frame tells that bob has come into being.
    await until('the last change', () => watcher.unreadFrames.length > changes || undefined);
    const [appeared, ...told] = watcher.unreadFrames.map(({ is_online }) => is_online);
    expect(appeared).toBe(null);
    expect(told).toEqual(Array.from({ length: changes }, (_, index) => index % 2 === 0));
    expect(program.output.stderr).toBe('');
  }, 300_000);
});
