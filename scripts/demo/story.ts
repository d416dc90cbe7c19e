import { setTimeout as delay } from 'node:timers/promises';
import type { Answer, Api } from './api.ts';
import { StreamClient } from './stream-client.ts';

const TIMEOUT_MS = 2_000;

/** The two facts about a User. */
interface Facts {
  readonly is_online: boolean | null;
  readonly is_notifiable: boolean | null;
}

/** The whole story of one User's reachability, told line by line; every answer is checked. */
export class Story {
  readonly #api: Api;
  readonly #print: (line: string) => void;
  readonly #sockets: StreamClient[] = [];
  #chapter = 0;

  /** @param say takes each line; sids come shortened */
  constructor(api: Api, say: (line: string) => void) {
    this.#api = api;
    this.#print = (line) => say(line.replace(/\b([A-Z]{2}[0-9a-f]{4})[0-9a-f]{28}\b/g, '$1..'));
  }

  /** @throws Error at the first answer that is not as expected */
  async run(): Promise<void> {
    try {
      await this.#run();
    } finally {
      for (const socket of this.#sockets) socket.close();
    }
  }

  async #run(): Promise<void> {
    this.#beginChapter('A new Service has reachability disabled, so there is no answer');
    const created = await this.#call('POST', '/v2/Services', { FriendlyName: 'Demo' }, 201);
    const service = `/v2/Services/${text(created, 'sid')}`;
    this.#expect(created, { reachability_enabled: false });
    const alice = await this.#call('POST', `${service}/Users`, { Identity: 'alice' }, 201);
    this.#expect(alice, { is_online: null, is_notifiable: null });
    const sid = text(alice, 'sid');
    const user = `${service}/Users/alice`;

    this.#beginChapter('Enabled: null until she connects');
    await this.#setEnabled(service, true);
    await this.#expectFacts(user, { is_online: null, is_notifiable: null });

    this.#beginChapter('Bob watches her');
    const bob = await this.#connect(service, 'bob');
    bob.send({ type: 'watch', users: ['alice'] });
    const snapshot = await bob.next(({ type }) => type === 'snapshot');
    this.#print(`   bob <- ${JSON.stringify(snapshot)}`);

    this.#beginChapter('She connects');
    const socket = await this.#connect(service, 'alice');
    await this.#expectChange(bob, sid, user, { is_online: true, is_notifiable: false });

    this.#beginChapter('Her phone registers for push notifications');
    const binding = { BindingType: 'fcm', Address: 'her-phone' };
    await this.#call('POST', `${user}/Bindings`, binding, 201);
    await this.#expectChange(bob, sid, user, { is_online: true, is_notifiable: true });

    this.#beginChapter('She disconnects; a push notification still reaches her');
    await socket.bye();
    this.#print('   alice -> {"type":"bye"}');
    await this.#expectChange(bob, sid, user, { is_online: false, is_notifiable: true });

    this.#beginChapter('Disabled: everybody is null again, said in one word');
    await this.#setEnabled(service, false);
    await this.#expectFrame(bob, 'service', { reachability_enabled: false });
    await this.#expectFacts(user, { is_online: null, is_notifiable: null });

    this.#beginChapter('Enabled again: old values never come back, the next connect counts');
    await this.#setEnabled(service, true);
    await this.#expectFacts(user, { is_online: null, is_notifiable: null });
    const again = await this.#connect(service, 'alice');
    await this.#expectChange(bob, sid, user, { is_online: true, is_notifiable: true });
    await again.bye();
    await bob.bye();

    this.#beginChapter('Nothing is left behind');
    await this.#call('DELETE', service, {}, 204);
  }

  #beginChapter(title: string): void {
    this.#chapter += 1;
    this.#print(`\n${this.#chapter}. ${title}`);
  }

  async #setEnabled(service: string, enabled: boolean): Promise<void> {
    const answer = await this.#call('POST', service, { ReachabilityEnabled: String(enabled) }, 200);
    this.#expect(answer, { reachability_enabled: enabled });
  }

  async #token(service: string, identity: string): Promise<string> {
    const form = { Identity: identity };
    return text(await this.#call('POST', `${service}/Tokens`, form, 201), 'token');
  }

  async #connect(service: string, identity: string): Promise<StreamClient> {
    const socket = StreamClient.connect(this.#api.url, await this.#token(service, identity));
    this.#sockets.push(socket);
    const ready = await socket.next(({ type }) => type === 'ready');
    this.#print(`   ${identity} <- ${JSON.stringify(ready)}`);
    return socket;
  }

  /** The watcher is told, and REST answers the same. */
  async #expectChange(watcher: StreamClient, sid: string, user: string, facts: Facts): Promise<void> {
    await this.#expectFrame(watcher, 'change', { sid, ...facts });
    await this.#expectFacts(user, facts);
  }

  async #expectFrame(watcher: StreamClient, type: string, said: object): Promise<void> {
    const frame = await watcher.next((next) => next['type'] === type && contains(next, said));
    this.#print(`   bob <- ${JSON.stringify(frame)}`);
  }

  /** What a socket did shows over REST a moment later. */
  async #expectFacts(user: string, facts: Facts): Promise<void> {
    const deadline = Date.now() + TIMEOUT_MS;
    let answer = await this.#api.call('GET', user);
    while (!contains(answer.body, facts) && Date.now() < deadline) {
      await delay(10);
      answer = await this.#api.call('GET', user);
    }
    this.#printCall('GET', user, {}, answer);
    this.#expect(answer, facts);
  }

  async #call(
    method: string,
    path: string,
    form: Readonly<Record<string, string>>,
    status: number,
  ): Promise<Answer> {
    const answer = await this.#api.call(method, path, form);
    this.#printCall(method, path, form, answer);
    if (answer.status !== status) {
      throw new Error(`Expected ${status}, got ${answer.status}: ${JSON.stringify(answer.body)}`);
    }
    return answer;
  }

  #printCall(
    method: string,
    path: string,
    form: Readonly<Record<string, string>>,
    { status, body }: Answer,
  ): void {
    const parameters = Object.entries(form).map(([name, value]) => ` ${name}=${value}`);
    this.#print(`   ${method} ${path}${parameters.join('')}`);
    const shown = ['reachability_enabled', 'is_online', 'is_notifiable', 'binding_type', 'message']
      .filter((name) => name in body)
      .map((name) => ` ${name}: ${String(body[name])}`);
    this.#print(`     ${[status, ...shown].join('')}`);
  }

  #expect({ body }: Answer, expected: object): void {
    if (contains(body, expected)) return;
    throw new Error(`Expected ${JSON.stringify(expected)}, got ${JSON.stringify(body)}`);
  }
}

function contains(actual: Readonly<Record<string, unknown>>, expected: object): boolean {
  return Object.entries(expected).every(([name, value]) => actual[name] === value);
}

function text({ body }: Answer, name: string): string {
  const value = body[name];
  if (typeof value !== 'string') throw new Error(`The answer has no ${name}`);
  return value;
}
