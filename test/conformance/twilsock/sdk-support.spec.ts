import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { startProgram, type Program } from '../../support/program.ts';
import { until } from '../../support/until.ts';
import { ChatService } from './chat-service.ts';
import { RawClient } from './raw-client.ts';
import { describeSdks, SdkClient, SDKS } from './sdk-client.ts';

let program: Program;
let service: ChatService;

beforeAll(async () => {
  program = await startProgram();
  service = await ChatService.create(program);
});
afterAll(() => program.stop());
afterEach(() => SdkClient.killAll());

const TOO_OLD = { type: 'chat', sdk: 'JS', sdkv: '2.2.0' };

/** Number of handshakes with these labels, from the metrics. */
async function counted(labels: string): Promise<number> {
  const { text } = await program.get('/metrics');
  const line = text.split('\n').find((each) => each.includes(`clients_total{${labels}}`));
  return Number(line?.split(' ').at(-1) ?? 0);
}

describeSdks('An SDK that is not supported', () => {
  it.each(SDKS)('is denied with a message that says so: as %s shows it', async (sdk) => {
    const options = { clientMetadata: TOO_OLD };
    const alice = SdkClient.start(program, sdk, service.token('alice'), options);
    expect(await alice.next('connectionError')).toEqual({
      terminal: true,
      httpStatusCode: 403,
      errorCode: 20403,
    });
    expect(await alice.next('connectionErrorMessage')).toBe(
      'Connection error: Version 2 of this SDK (chat js) is not supported by this server; update it',
    );
    expect(await alice.call('connectionState')).toBe('denied');
    expect((await program.get(service.pathOf('alice'))).status).toBe(404);
  });

  it('is counted and logged by name and version', async () => {
    const labels = 'sdk="chat js",version="1",supported="no"';
    const before = await counted(labels);
    const metadata = { ...TOO_OLD, sdkv: '1.2.1' };
    const { client } = await RawClient.init(program, service.token('alice'), { metadata });
    expect(await client.closed).toBe(4400);
    expect(await counted(labels)).toBe(before + 1);
    await until('the message in the log', () =>
      program.output.stderr.includes('chat js, version 1') ||
      program.output.stdout.includes('chat js, version 1')
        ? true
        : undefined,
    );
  });
});

describe('An SDK that is not known', () => {
  it.each([
    ['a later major version', { ...TOO_OLD, sdkv: '7.0.0' }, 'sdk="chat js",version="7"'],
    ['another product', { type: 'ghost', sdk: 'x' }, 'sdk="other other",version="none"'],
    ['no metadata', undefined, 'sdk="other other",version="none"'],
    ['metadata of another shape', ['chat'], 'sdk="other other",version="none"'],
  ])('is let in, and counted: %s', async (_, metadata, labels) => {
    const counter = `${labels},supported="unknown"`;
    const before = await counted(counter);
    const { client, reply } = await RawClient.init(program, service.token('bob'), { metadata });
    expect(reply.header).toMatchObject({ status: { code: 200 } });
    expect(await counted(counter)).toBe(before + 1);
    client.socket.terminate();
  });
});

describe('SDKs', () => {
  it('are counted under as few names as there are, whatever clients send', async () => {
    const series = async () => {
      const { text } = await program.get('/metrics');
      return text.split('\n').filter((line) => line.startsWith('reachability_twilsock_clients'));
    };
    const init = async (sdkv: string) => {
      const metadata = { type: `chat ${sdkv}`, sdk: `JS ${sdkv}`, sdkv: `x${sdkv}` };
      const { client } = await RawClient.init(program, service.token('carol'), { metadata });
      client.socket.terminate();
    };
    await init('a');
    const before = (await series()).length;
    for (let index = 0; index < 20; index += 1) await init(String(index));
    expect(await series()).toHaveLength(before);
  });
});
