import { setTimeout as delay } from 'node:timers/promises';
import type { Answer, Api } from './api.ts';
import { StreamClient } from './stream-client.ts';

const PATIENCE_MS = 2_000;

/** The two facts about a User. */
interface Facts {
  readonly is_online: boolean | null;
  readonly is_notifiable: boolean | null;
}

/** The whole story of one User's reachability, told line by line; every answer is checked. */
export class Story {
  readonly #api: Api;
  readonly #say: (line: string) => void;
  readonly #sockets: StreamClient[] = [];
  #chapter = 0;

  /** @param say takes each line; sids come shortened */
  constructor(api: Api, say: (line: string) => void) {
    this.#api = api;
    this.#say = (line) => say(line.replace(/\b([A-Z]{2}[0-9a-f]{4})[0-9a-f]{28}\b/g, '$1..'));
  }

  /** @throws Error at the first answer that is not as expected */
  async tell(): Promise<void> {
    try {
      await this.#tell();
    } finally {
      for (const socket of this.#sockets) socket.close();
    }
  }

  async #tell(): Promise<void> {
    this.#begin('A new Service has reachability disabled, so there is no answer');
    const created = await this.#ask('POST', '/v2/Services', { FriendlyName: 'Demo' }, 201);
    const service = `/v2/Services/${text(created, 'sid')}`;
    this.#expect(created, { reachability_enabled: false });
    const alice = await this.#ask('POST', `${service}/Users`, { Identity: 'alice' }, 201);
    this.#expect(alice, { is_online: null, is_notifiable: null });
    const sid = text(alice, 'sid');
    const user = `${service}/Users/alice`;

    this.#begin('Enabled: null until she connects');
    await this.#enable(service, true);
    await this.#see(user, { is_online: null, is_notifiable: null });

    this.#begin('Bob watches her');
    const bob = await this.#connect(service, 'bob');
    bob.send({ type: 'watch', users: ['alice'] });
    const snapshot = await bob.next(({ type }) => type === 'snapshot');
    this.#say(`   bob <- ${JSON.stringify(snapshot)}`);

    this.#begin('She connects');
    const socket = await this.#connect(service, 'alice');
    await this.#both(bob, sid, user, { is_online: true, is_notifiable: false });

    this.#begin('Her phone registers for push notifications');
    const binding = { BindingType: 'fcm', Address: 'her-phone' };
    await this.#ask('POST', `${user}/Bindings`, binding, 201);
    await this.#both(bob, sid, user, { is_online: true, is_notifiable: true });

    this.#begin('She disconnects; a push notification still reaches her');
    await socket.bye();
    this.#say('   alice -> {"type":"bye"}');
    await this.#both(bob, sid, user, { is_online: false, is_notifiable: true });

    this.#begin('Disabled: everybody is null again, said in one word');
    await this.#enable(service, false);
    await this.#told(bob, 'service', { reachability_enabled: false });
    await this.#see(user, { is_online: null, is_notifiable: null });

    this.#begin('Enabled again: old values never come back, the next connect counts');
    await this.#enable(service, true);
    await this.#see(user, { is_online: null, is_notifiable: null });
    const again = await this.#connect(service, 'alice');
    await this.#both(bob, sid, user, { is_online: true, is_notifiable: true });
    await again.bye();
    await bob.bye();

    this.#begin('Nothing is left behind');
    await this.#ask('DELETE', service, {}, 204);
  }

  #begin(title: string): void {
    this.#chapter += 1;
    this.#say(`\n${this.#chapter}. ${title}`);
  }

  async #enable(service: string, enabled: boolean): Promise<void> {
    const answer = await this.#ask('POST', service, { ReachabilityEnabled: String(enabled) }, 200);
    this.#expect(answer, { reachability_enabled: enabled });
  }

  async #token(service: string, identity: string): Promise<string> {
    const form = { Identity: identity };
    return text(await this.#ask('POST', `${service}/Tokens`, form, 201), 'token');
  }

  async #connect(service: string, identity: string): Promise<StreamClient> {
    const socket = StreamClient.connect(this.#api.url, await this.#token(service, identity));
    this.#sockets.push(socket);
    const ready = await socket.next(({ type }) => type === 'ready');
    this.#say(`   ${identity} <- ${JSON.stringify(ready)}`);
    return socket;
  }

  /** The watcher is told, and REST answers the same. */
  async #both(watcher: StreamClient, sid: string, user: string, facts: Facts): Promise<void> {
    await this.#told(watcher, 'change', { sid, ...facts });
    await this.#see(user, facts);
  }

  async #told(watcher: StreamClient, type: string, said: object): Promise<void> {
    const frame = await watcher.next((next) => next['type'] === type && holds(next, said));
    this.#say(`   bob <- ${JSON.stringify(frame)}`);
  }

  /** What a socket did shows over REST a moment later. */
  async #see(user: string, facts: Facts): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS;
    let answer = await this.#api.call('GET', user);
    while (!holds(answer.body, facts) && Date.now() < deadline) {
      await delay(10);
      answer = await this.#api.call('GET', user);
    }
    this.#report('GET', user, {}, answer);
    this.#expect(answer, facts);
  }

  async #ask(
    method: string,
    path: string,
    form: Readonly<Record<string, string>>,
    status: number,
  ): Promise<Answer> {
    const answer = await this.#api.call(method, path, form);
    this.#report(method, path, form, answer);
    if (answer.status !== status) {
      throw new Error(`Expected ${status}, got ${answer.status}: ${JSON.stringify(answer.body)}`);
    }
    return answer;
  }

  #report(
    method: string,
    path: string,
    form: Readonly<Record<string, string>>,
    { status, body }: Answer,
  ): void {
    const parameters = Object.entries(form).map(([name, value]) => ` ${name}=${value}`);
    this.#say(`   ${method} ${path}${parameters.join('')}`);
    const shown = ['reachability_enabled', 'is_online', 'is_notifiable', 'binding_type', 'message']
      .filter((name) => name in body)
      .map((name) => ` ${name}: ${String(body[name])}`);
    this.#say(`     ${[status, ...shown].join('')}`);
  }

  #expect({ body }: Answer, expected: object): void {
    if (holds(body, expected)) return;
    throw new Error(`Expected ${JSON.stringify(expected)}, got ${JSON.stringify(body)}`);
  }
}

function holds(actual: Readonly<Record<string, unknown>>, expected: object): boolean {
  return Object.entries(expected).every(([name, value]) => actual[name] === value);
}

function text({ body }: Answer, name: string): string {
  const value = body[name];
  if (typeof value !== 'string') throw new Error(`The answer has no ${name}`);
  return value;
}
