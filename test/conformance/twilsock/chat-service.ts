import twilio from 'twilio';
import type { JsonObject } from '../../support/http-client.ts';
import type { Program } from '../../support/program.ts';
import { accessToken } from '../../support/stream-client.ts';
import { until } from '../../support/until.ts';
import type { ClientTree } from '../../twilio-clients/trees.ts';
import { SdkClient, type Sdk } from './sdk-client.ts';

/** State of a User over REST. */
export interface RestUser {
  readonly online: boolean | null;
  readonly notifiable: boolean | null;
}

/** A Chat Service of a running program. */
export class ChatService {
  readonly program: Program;
  readonly sid: string;

  private constructor(program: Program, sid: string) {
    this.program = program;
    this.sid = sid;
  }

  static async create(program: Program, { enabled = true } = {}): Promise<ChatService> {
    const { sid } = await program.post('/v2/Services', { FriendlyName: 'Support' });
    const service = new ChatService(program, sid);
    if (enabled) await service.setEnabled(true);
    return service;
  }

  /** The same Service of a restarted program. */
  on(program: Program): ChatService {
    return new ChatService(program, this.sid);
  }

  get path(): string {
    return `/v2/Services/${this.sid}`;
  }

  pathOf(identity: string): string {
    return `${this.path}/Users/${encodeURIComponent(identity)}`;
  }

  token(identity: string, ttlSeconds?: number): string {
    return accessToken(this.program, this.sid, identity, ttlSeconds);
  }

  /** A token with an endpoint id, which names the device. */
  tokenFor({ identity, endpointId }: { readonly identity: string; readonly endpointId: string }) {
    const { accountSid, apiKey } = this.program.credentials;
    const { AccessToken } = twilio.jwt;
    const token = new AccessToken(accountSid, apiKey.sid, apiKey.secret, { identity });
    token.addGrant(new AccessToken.ChatGrant({ serviceSid: this.sid, endpointId }));
    return token.toJwt();
  }

  /** An initialized SDK client. */
  client(sdk: Sdk | ClientTree, identity: string, ttlSeconds?: number): Promise<SdkClient> {
    return SdkClient.ready(this.program, sdk, this.token(identity, ttlSeconds));
  }

  async setEnabled(enabled: boolean): Promise<void> {
    await this.program.post(this.path, { ReachabilityEnabled: String(enabled) });
  }

  async setGrace(seconds: number): Promise<void> {
    await this.program.post(`${this.path}/Reachability`, { GraceSeconds: String(seconds) });
  }

  async createUser(identity: string): Promise<void> {
    await this.program.post(`${this.path}/Users`, { Identity: identity });
  }

  async rest(identity: string): Promise<RestUser> {
    const { body } = await this.program.get(this.pathOf(identity));
    return restUserOf(body);
  }

  /** Waits until REST shows the expected state. */
  async untilRest(identity: string, expected: RestUser): Promise<void> {
    const { online, notifiable } = expected;
    await until(`${identity} to be ${JSON.stringify(expected)}`, async () => {
      const now = await this.rest(identity);
      return now.online === online && now.notifiable === notifiable ? now : undefined;
    });
  }

  async reachability(identity: string): Promise<JsonObject> {
    return (await this.program.get(`${this.pathOf(identity)}/Reachability`)).body;
  }

  /** Opens a Connection over HTTP and returns a function that closes it. */
  async connect(identity: string): Promise<() => Promise<void>> {
    const path = `${this.pathOf(identity)}/Connections`;
    const { sid } = await this.program.post(path, {});
    return async () => {
      await this.program.delete(`${path}/${sid}`);
    };
  }
}

function restUserOf({ is_online: online, is_notifiable: notifiable }: JsonObject): RestUser {
  return { online: nullableFlag(online), notifiable: nullableFlag(notifiable) };
}

function nullableFlag(value: unknown): boolean | null {
  if (value === null || typeof value === 'boolean') return value;
  throw new Error(`${JSON.stringify(value)} is not a boolean or null`);
}
