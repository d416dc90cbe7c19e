import { ConsoleBrowser } from './console-browser.ts';
import type { BasicCredentials } from './http-client.ts';
import { startProgram, type Program, type ProgramOptions } from './program.ts';

/** A service with an enabled Service in it, and a browser for its console. */
export interface ConsoleWorld {
  readonly program: Program;
  readonly browser: ConsoleBrowser;
  /** Sid of the Service `Support desk`. */
  readonly service: string;
  readonly account: BasicCredentials;
  /** Creates an API key with one scope. */
  createKey(scope: string): Promise<BasicCredentials>;
  /** Creates a User, and returns its sid. */
  createUser(identity: string): Promise<string>;
  /** Opens a Connection of a User, and returns a function that closes it. */
  connect(identity: string, deviceId?: string): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

export async function openConsoleWorld(options: ProgramOptions = {}): Promise<ConsoleWorld> {
  const program = await startProgram(options);
  const { sid: service } = await program.post('/v2/Services', { FriendlyName: 'Support desk' });
  await program.post(`/v2/Services/${service}`, { ReachabilityEnabled: 'true' });
  const browser = await ConsoleBrowser.open(program.url);
  const users = `/v2/Services/${service}/Users`;
  const { accountSid: username, authToken: password } = program.credentials;
  return {
    program,
    browser,
    service,
    account: { username, password },
    createKey: async (scope) => {
      const form = { FriendlyName: `Key to ${scope}`, Scopes: scope };
      const { sid, body } = await program.post('/v2/ApiKeys', form);
      const { secret } = body;
      if (typeof secret !== 'string') throw new Error('The key has no secret');
      return { username: sid, password: secret };
    },
    createUser: async (identity) => (await program.post(users, { Identity: identity })).sid,
    connect: async (identity, deviceId = 'phone') => {
      const connections = `${users}/${identity}/Connections`;
      const { sid } = await program.post(connections, { Ttl: '3600', DeviceId: deviceId });
      return async () => {
        await program.delete(`${connections}/${sid}`);
      };
    },
    close: async () => {
      await browser.close();
      await program.stop();
    },
  };
}
