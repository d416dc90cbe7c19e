import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Compile } from 'typebox/schema';
import { defaultRoles } from '#domain';
import { textOf } from '../../support/fields.ts';
import type { Json, JsonObject } from '../../support/http-client.ts';
import { startProgram, type Program } from '../../support/program.ts';
import { until } from '../../support/until.ts';

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly security?: readonly object[];
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: { readonly content: Record<string, { schema: JsonObject }> };
  readonly responses: Record<string, { content?: Record<string, { schema: JsonObject }> }>;
}

interface Description {
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { readonly schemas: JsonObject; readonly securitySchemes: JsonObject };
}

describe('The description of the API', () => {
  let program: Program;
  let description: Description;

  beforeAll(async () => {
    program = await startProgram();
    const answer = await program.get('/docs-json', { auth: null });
    description = JSON.parse(answer.text) as Description;
  });
  afterAll(() => program.stop());

  /** The schema as JSON Schema has it, whole, with no property that it does not name. */
  function resolved(schema: Json): Json {
    if (Array.isArray(schema)) return schema.map(resolved);
    if (typeof schema !== 'object' || schema === null) return schema;
    const name = schema['$ref'];
    if (typeof name === 'string') {
      return resolved(description.components.schemas[name.split('/').at(-1)!]!);
    }
    const { nullable, format: _, ...rest } = schema;
    const closed = 'properties' in rest ? { ...rest, additionalProperties: false } : rest;
    const entries = Object.entries(closed).map(([key, value]) => [key, resolved(value)]);
    const inner = Object.fromEntries(entries) as JsonObject;
    return nullable === true ? { anyOf: [inner, { type: 'null' }] } : inner;
  }

  /** Sid of a webhook that a new User of a Service has called, or was to. */
  async function delivered(serviceSid: string): Promise<string> {
    const service = `/v2/Services/${serviceSid}`;
    const headers = { 'x-twilio-webhook-enabled': 'true' };
    await program.post(`${service}/Users`, { Identity: 'hooked' }, { headers });
    return until('a delivery', async () => {
      const { body } = await program.get(`${service}/Webhooks/Deliveries`);
      return (body['deliveries'] as { sid: string }[])[0]?.sid;
    });
  }

  it('is a page that needs nothing from elsewhere', async () => {
    const page = await program.get('/docs', { auth: null });
    expect(page.status).toBe(200);
    const assets = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1]!);
    expect(assets.length).toBeGreaterThan(3);
    for (const asset of assets) {
      expect(asset).toMatch(/^\.\//);
      const { status } = await program.get(asset.replace('.', ''), { auth: null });
      expect([asset, status]).toEqual([asset, 200]);
    }
  });

  it('gives every operation a name of its own, a summary, its refusals and its credentials', () => {
    const operations = Object.entries(description.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
    );
    const names = operations.map(({ operation }) => operation.operationId);
    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBeGreaterThan(25);
    for (const { path, method, operation } of operations) {
      expect([path, operation.summary]).toEqual([path, expect.stringMatching(/./)]);
      if (!/^\/(v2|conversations)\//.test(path)) continue;
      expect(operation.security).toEqual([{ basic: [] }]);
      expect(Object.keys(operation.responses)).toEqual(
        expect.arrayContaining(['400', '401', '403', '404', '503']),
      );
      const named = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path');
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
      expect(named.map(({ name }) => name)).toEqual(inPath);
      if (method !== 'post') continue;
      expect(Object.keys(operation.requestBody?.content ?? {})).toEqual([
        'application/x-www-form-urlencoded',
        'application/json',
      ]);
    }
    expect(description.components.securitySchemes).toMatchObject({
      basic: { type: 'http', scheme: 'basic' },
    });
  });

  it('says what every answer looks like, to the last property', async () => {
    const asked = new Set<string>();
    const fill: Record<string, string> = {};
    const call = async (method: string, path: string, form?: Record<string, string>) => {
      const target = path.replace(/\{(\w+)\}/g, (_, name: string) => fill[name] ?? '');
      const answer = await program.request(method, target, form === undefined ? {} : { form });
      const operation = description.paths[path]![method.toLowerCase()]!;
      asked.add(operation.operationId);
      const documented = operation.responses[String(answer.status)];
      expect([method, path, answer.status, documented !== undefined]).toEqual([
        method,
        path,
        answer.status,
        true,
      ]);
      const schema = documented?.content?.['application/json']?.schema;
      if (schema === undefined) {
        expect(answer.text).toBe('');
        return undefined;
      }
      const [valid, errors] = Compile(resolved(schema) as object).Errors(answer.body);
      expect([method, path, valid, errors]).toEqual([method, path, true, []]);
      return answer.body['sid'] as string;
    };
    const service = '/v2/Services/{serviceSid}';
    fill['keySid'] = String(
      await call('POST', '/v2/ApiKeys', { FriendlyName: 'K', Scopes: 'read' }),
    );
    await call('GET', '/v2/ApiKeys');
    await call('GET', '/v2/ApiKeys/{keySid}');
    await call('POST', '/v2/ApiKeys/{keySid}/Rotations', {});
    await call('DELETE', '/v2/ApiKeys/{keySid}');
    const user = `${service}/Users/{user}`;
    await call('GET', '/health/live');
    await call('GET', '/health/ready');
    await call('POST', '/v2/Services', {});
    fill['serviceSid'] = String(await call('POST', '/v2/Services', { FriendlyName: 'D' }));
    const hooks = { PostWebhookUrl: 'http://127.0.0.1:9/hooks', WebhookFilters: 'onUserAdded' };
    await call('POST', service, { ReachabilityEnabled: 'true', ...hooks });
    fill['roleSid'] = defaultRoles(fill['serviceSid'])[0]!.sid;
    await call('GET', `${service}/Roles`);
    await call('GET', `${service}/Roles/{roleSid}`);
    await call('GET', `${service}/Channels`);
    const role = { FriendlyName: 'Boss', Type: 'deployment', Permission: 'createChannel' };
    fill['roleSid'] = String(await call('POST', `${service}/Roles`, role));
    await call('POST', `${service}/Roles/{roleSid}`, { Permission: 'joinChannel' });
    await call('GET', `${service}/Roles/{roleSid}`);
    await call('DELETE', `${service}/Roles/{roleSid}`);
    for (const path of [service, '/v2/Services', `${service}/Reachability`])
      await call('GET', path);
    await call('POST', `${service}/Reachability`, { GraceSeconds: '3' });
    await call('POST', `${service}/Reachability/Query`, { User: 'ann' });
    await call('POST', `${service}/Tokens`, { Identity: 'ann' });
    fill['user'] = String(await call('POST', `${service}/Users`, { Identity: 'ann' }));
    await call('POST', `${service}/Users`, { Identity: 'ann' });
    await call('POST', user, { FriendlyName: 'Ann' });
    fill['connectionSid'] = String(await call('POST', `${user}/Connections`, {}));
    await call('POST', `${user}/Connections/{connectionSid}`, {});
    const binding = { BindingType: 'gcm', Address: 'a' };
    fill['bindingSid'] = String(await call('POST', `${user}/Bindings`, binding));
    const reads = [
      '',
      '/Channels',
      '/Reachability',
      '/Connections',
      '/Connections/{connectionSid}',
      '/Bindings',
    ];
    for (const path of [...reads, '/Bindings/{bindingSid}']) await call('GET', `${user}${path}`);
    for (const path of ['/Users', '/Bindings', '/Bindings/{bindingSid}']) {
      await call('GET', `${service}${path}`);
    }
    await call('DELETE', `${service}/Bindings/{bindingSid}`);
    await call('POST', `${user}/Bindings`, binding);
    await call('DELETE', `${user}/Bindings/{bindingSid}`);
    await call('DELETE', `${user}/Connections/{connectionSid}`);
    await call('GET', `${user}/Reachability`);
    await call('GET', `${user}/Reachability/History`);
    await call('GET', `${user}/Reachability/Explanation`);
    await call('GET', `${user}/Reachability/Events`);
    await call('GET', `${service}/Reachability/Events`);
    await call('GET', `${service}/Reachability/Summary`);
    await call('POST', `${user}/Reachability/Revocations`, {});
    await call('POST', `${service}/Reachability/Query`, { User: 'ann' });
    fill['sid'] = await delivered(fill['serviceSid']);
    await call('GET', `${service}/Webhooks/Deliveries`);
    await call('GET', `${service}/Webhooks/Deliveries/{sid}`);
    await call('POST', `${service}/Webhooks/Deliveries/{sid}/Retries`, {});
    await call('POST', `${service}/Webhooks/Deliveries/Retries`, {});
    await call('GET', '/v2/Projections');
    fill['projection'] = 'users';
    await call('GET', '/v2/Projections/{projection}');
    const jobs = '/v2/Projections/{projection}/Jobs';
    fill['jobSid'] = String(await call('POST', jobs, { Kind: 'verify' }));
    await call('GET', jobs);
    await until('the end of the job', async () => {
      const { body } = await program.get(`/v2/Projections/users/Jobs/${fill['jobSid'] ?? ''}`);
      return body['date_ended'] !== null || undefined;
    });
    await call('GET', `${jobs}/{jobSid}`);
    await call('POST', `${jobs}/{jobSid}`, { Status: 'cancelled' });
    await call('GET', '/v2/Projections/{projection}/DeadLetters');
    await call('GET', '/v2/Nodes');
    fill['nodeId'] = 'node-1';
    await call('GET', '/v2/Nodes/{nodeId}');
    const v1 = '/v1/Services/{serviceSid}';
    await call('GET', v1);
    await call('GET', '/v1/Services');
    await call('POST', v1, { 'Webhooks.OnUserUpdated.Url': 'http://127.0.0.1:9/v1' });
    for (const path of ['/Users', '/Users/{user}', '/Users/{user}/Channels', '/Channels', '/Roles'])
      await call('GET', `${v1}${path}`);
    await call('POST', `${v1}/Users`, { Identity: 'eve' });
    await call('POST', `${v1}/Users/{user}`, { FriendlyName: 'Anna' });
    fill['roleSid'] = String(await call('POST', `${v1}/Roles`, role));
    await call('GET', `${v1}/Roles/{roleSid}`);
    await call('POST', `${v1}/Roles/{roleSid}`, { Permission: 'joinChannel' });
    await call('DELETE', `${v1}/Roles/{roleSid}`);
    const ofService = fill['serviceSid'];
    fill['serviceSid'] = String(await call('POST', '/v1/Services', { FriendlyName: 'V1' }));
    const ofUser = fill['user'];
    fill['user'] = String(await call('POST', `${v1}/Users`, { Identity: 'eve' }));
    await call('DELETE', `${v1}/Users/{user}`);
    await call('DELETE', v1);
    Object.assign(fill, { serviceSid: ofService, user: ofUser });
    await call('DELETE', user);
    await call('GET', user);
    await call('DELETE', service);
    const conversations = '/conversations/v1/Services';
    await call('GET', conversations);
    fill['serviceSid'] = String(await call('POST', conversations, { FriendlyName: 'C' }));
    const ofConversations = `${conversations}/{serviceSid}`;
    await call('GET', ofConversations);
    await call('GET', `${ofConversations}/Configuration`);
    await call('POST', `${ofConversations}/Configuration`, { ReachabilityEnabled: 'true' });
    for (const path of ['Webhooks', 'Notifications']) {
      await call('GET', `${ofConversations}/Configuration/${path}`);
      await call('POST', `${ofConversations}/Configuration/${path}`, { Method: 'POST' });
    }
    fill['user'] = String(await call('POST', `${ofConversations}/Users`, { Identity: 'bob' }));
    const ofBob = await program.post(
      `/v2/Services/${fill['serviceSid']}/Users/bob/Bindings`,
      binding,
    );
    fill['bindingSid'] = ofBob.sid;
    await call('GET', `${ofConversations}/Bindings`);
    await call('GET', `${ofConversations}/Bindings/{bindingSid}`);
    await call('DELETE', `${ofConversations}/Bindings/{bindingSid}`);
    for (const path of [
      'Conversations',
      'ParticipantConversations',
      'Users/{user}/Conversations',
    ]) {
      await call('GET', `${ofConversations}/${path}`);
    }
    await call('GET', `${ofConversations}/Users`);
    await call('GET', `${ofConversations}/Users/{user}`);
    await call('POST', `${ofConversations}/Users/{user}`, { FriendlyName: 'Bob' });
    await call('DELETE', `${ofConversations}/Users/{user}`);
    await call('DELETE', ofConversations);
    const account = '/conversations/v1';
    for (const path of ['Configuration', 'Configuration/Webhooks']) {
      await call('GET', `${account}/${path}`);
      await call('POST', `${account}/${path}`, {});
    }
    fill['user'] = String(await call('POST', `${account}/Users`, { Identity: 'bob' }));
    for (const path of ['Users', 'Users/{user}', 'Users/{user}/Conversations']) {
      await call('GET', `${account}/${path}`);
    }
    await call('POST', `${account}/Users/{user}`, { FriendlyName: 'Bob' });
    await call('DELETE', `${account}/Users/{user}`);
    for (const roles of [`${conversations}/{serviceSid}/Roles`, `${account}/Roles`]) {
      const role = { FriendlyName: 'R', Type: 'service', Permission: 'sendMessage' };
      fill['serviceSid'] = textOf(
        (await program.get(`${account}/Configuration`)).body,
        'default_chat_service_sid',
      );
      fill['roleSid'] = String(await call('POST', roles, role));
      await call('GET', roles);
      await call('GET', `${roles}/{roleSid}`);
      await call('POST', `${roles}/{roleSid}`, { Permission: 'leaveConversation' });
      await call('DELETE', `${roles}/{roleSid}`);
    }
    await call('GET', `${account}/Conversations`);
    await call('GET', `${account}/ParticipantConversations`);
    const all = Object.values(description.paths).flatMap((path) => Object.values(path));
    const unasked = all.map(({ operationId }) => operationId).filter((id) => !asked.has(id));
    // Its answer is a stream, which does not end.
    expect(unasked).toEqual(['followChanges']);
  });
});
