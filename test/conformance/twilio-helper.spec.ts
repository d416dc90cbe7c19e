import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../support/http-client.ts';
import { startProgram, type Program } from '../support/program.ts';

const CHAT = resolve(import.meta.dirname, '../../node_modules/twilio/lib/rest/chat/v2');
const RESOURCES = [
  'service',
  'service/user',
  'service/binding',
  'service/user/userBinding',
] as const;
type Resource = (typeof RESOURCES)[number] | 'service/role';

const sourceOf = (resource: Resource, ending: 'd.ts' | 'js') =>
  readFileSync(join(CHAT, `${resource}.${ending}`), 'utf8');

/** Properties of an answer in the helper's types. */
function declaredProperties(resource: Resource): string[] {
  const body = /interface \w+Resource \{([^}]*)\}/.exec(sourceOf(resource, 'd.ts'))?.[1] ?? '';
  return [...body.matchAll(/^\s*(\w+):/gm)].map(([, name]) => name!).sort();
}

/** All body parameters, query parameters and headers that the helper can send for a resource. */
function sentParameters(resource: Resource): string[] {
  const source = sourceOf(resource, 'js');
  const sent = source.matchAll(/(?:data\["([A-Z][\w.]*)"\]|headers\["(X-[\w-]+)"\]) ?=/g);
  return [...new Set([...sent].map(([, parameter, header]) => parameter ?? header!))].sort();
}

interface Operation {
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: { readonly content: Record<string, { schema: { $ref: string } }> };
}

interface Description {
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { readonly schemas: Record<string, { properties?: object }> };
}

describe('Twilio’s helper', () => {
  let program: Program;
  let description: Description;
  const answers = new Map<Resource, JsonObject>();

  beforeAll(async () => {
    program = await startProgram();
    description = JSON.parse((await program.get('/docs-json')).text) as Description;
    const service = await program.post('/v2/Services', { FriendlyName: 'Helper' });
    const path = `/v2/Services/${service.sid}`;
    const user = await program.post(`${path}/Users`, { Identity: 'ann' });
    const address = { BindingType: 'fcm', Address: 'a' };
    const binding = await program.post(`${path}/Users/ann/Bindings`, address);
    const { body: roles } = await program.get(`${path}/Roles`);
    answers.set('service', service.body);
    answers.set('service/user', user.body);
    answers.set('service/user/userBinding', binding.body);
    answers.set('service/binding', (await program.get(`${path}/Bindings/${binding.sid}`)).body);
    answers.set('service/role', (roles['roles'] as JsonObject[])[0]!);
  });
  afterAll(() => program.stop());

  it.each<Resource>([...RESOURCES, 'service/role'])(
    'declares exactly the properties of an answer: %s',
    (resource) => {
      const declared = declaredProperties(resource);
      expect(declared.length).toBeGreaterThan(8);
      expect(Object.keys(answers.get(resource) ?? {}).sort()).toEqual(declared);
    },
  );

  /** All parameters of the operations on a resource in the OpenAPI description. */
  function documentedParameters(resource: Resource): string[] {
    const name = resource.split('/').at(-1);
    const list = {
      service: '/v2/Services',
      user: '/v2/Services/{serviceSid}/Users',
      binding: '/v2/Services/{serviceSid}/Bindings',
      userBinding: '/v2/Services/{serviceSid}/Users/{user}/Bindings',
    }[name ?? ''];
    const operations = Object.entries(description.paths)
      .filter(([path]) => path === list || path.replace(/\/\{\w+\}$/, '') === list)
      .flatMap(([, methods]) => Object.values(methods));
    return operations.flatMap(({ parameters = [], requestBody }) => {
      const { $ref } = requestBody?.content['application/json']?.schema ?? { $ref: '' };
      const schema = description.components.schemas[$ref.split('/').at(-1) ?? ''];
      return [
        ...parameters.map((parameter) => parameter.name),
        ...Object.keys(schema?.properties ?? {}),
      ];
    });
  }

  it.each(RESOURCES)('sends only parameters that the operations accept: %s', (resource) => {
    const sent = sentParameters(resource);
    expect(sent.length).toBeGreaterThan(3);
    const documented = documentedParameters(resource);
    expect(sent.filter((name) => !documented.includes(name))).toEqual([]);
  });
});
