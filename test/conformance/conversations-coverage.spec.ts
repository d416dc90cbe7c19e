import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  ConversationsDescription,
  type DescribedOperation,
} from '../support/conversations-description.ts';
import { startProgram, type Program } from '../support/program.ts';

interface OwnOperation {
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: { readonly content: Record<string, { schema: { $ref: string } }> };
}

interface OwnDescription {
  readonly paths: Record<string, Record<string, OwnOperation>>;
  readonly components: { readonly schemas: Record<string, { properties?: object }> };
}

/** Conversations of a User do not exist here, so one of them is not found. */
const ABSENT = /UserConversations?$/;
const isAbsent = ({ id, path }: DescribedOperation) =>
  ABSENT.test(id) && path.endsWith('/{ConversationSid}');

/** A path without the names of its parameters. */
const shapeOf = (path: string) => path.replace(/\{\w+\}/g, '{}');

describe('Our description of Conversations', () => {
  let program: Program;
  let own: OwnDescription;
  let described: readonly DescribedOperation[];

  beforeAll(async () => {
    program = await startProgram();
    own = JSON.parse((await program.get('/docs-json')).text) as OwnDescription;
    described = new ConversationsDescription(program.url).operations;
  });
  afterAll(() => program.stop());

  const operationOf = ({ method, path }: DescribedOperation): OwnOperation | undefined => {
    const shape = `/conversations${shapeOf(path)}`;
    const found = Object.entries(own.paths).find(([each]) => shapeOf(each) === shape);
    return found?.[1][method];
  };

  it('has every operation of Twilio’s', () => {
    expect(described.length).toBeGreaterThan(40);
    const missing = described.filter(
      (operation) => !isAbsent(operation) && operationOf(operation) === undefined,
    );
    expect(missing.map(({ id }) => id)).toEqual([]);
  });

  it('has every parameter of Twilio’s', () => {
    for (const operation of described) {
      const found = operationOf(operation);
      if (found === undefined) continue;
      const { parameters = [], requestBody } = found;
      const query = parameters.filter((each) => each.in === 'query').map(({ name }) => name);
      expect([operation.id, query]).toEqual([
        operation.id,
        expect.arrayContaining([...operation.query]),
      ]);
      const name = requestBody?.content['application/json']?.schema.$ref.split('/').at(-1) ?? '';
      const body = Object.keys(own.components.schemas[name]?.properties ?? {});
      expect([operation.id, body]).toEqual([
        operation.id,
        expect.arrayContaining([...operation.body]),
      ]);
    }
  });
});
