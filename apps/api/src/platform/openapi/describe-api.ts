import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { PROGRAM_VERSION } from '#shared/program-version';
import { ANSWER_SCHEMAS } from './answer-schemas.ts';
import { applyOpenApiDecorators } from './decorators.ts';

const PATH_PARAMETERS: Readonly<Record<string, string>> = {
  serviceSid: 'Sid of the Service.',
  user: 'Sid or identity of the User.',
  connectionSid: 'Sid of the Connection.',
  bindingSid: 'Sid of the Binding.',
  roleSid: 'Sid of the Role.',
  projection: 'Name of the projection.',
  jobSid: 'Sid of the job.',
  nodeId: 'Id of the node.',
  sid: 'Sid of the delivery.',
};

/** Returns the OpenAPI description of an application. */
export async function describeApi(app: INestApplication): Promise<OpenAPIObject> {
  await applyOpenApiDecorators();
  const config = new DocumentBuilder()
    .setTitle('Reachability')
    .setDescription(
      'Are your users online, and can a push notification reach them? The API has the resources of ' +
        "Twilio's Programmable Chat that this concerns, and a few more. Everything under `/v2` also works under `/v1`; the resources of chat v1 then have its shape. " +
        "`/conversations/v1` has the same Services and Users as Twilio's Conversations shows them.",
    )
    .setVersion(PROGRAM_VERSION)
    .addBasicAuth({
      type: 'http',
      scheme: 'basic',
      description:
        'User name and password: the account sid and its auth token, or the sid of an API key and its secret.',
    })
    .build();
  const document = SwaggerModule.createDocument(app, config, {
    operationIdFactory: (controller, method) => `${method}${controller.replace(/Controller$/, '')}`,
  });
  const components = { ...document.components, schemas: { ...document.components?.schemas } };
  Object.assign(components.schemas, ANSWER_SCHEMAS);
  describePathParameters(document);
  return { ...document, components };
}

/** Describes the parameters of each path, in its order; decorators of Nest do not name all of them. */
function describePathParameters({ paths }: OpenAPIObject): void {
  for (const [path, methods] of Object.entries(paths)) {
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({
      name,
      in: 'path' as const,
      required: true,
      description: PATH_PARAMETERS[name] ?? '',
      schema: { type: 'string' as const },
    }));
    for (const operation of [methods.get, methods.post, methods.delete]) {
      if (operation === undefined) continue;
      const others = (operation.parameters ?? []).filter(
        (parameter) => !('in' in parameter && parameter.in === 'path'),
      );
      operation.parameters = [...inPath, ...others];
    }
  }
}
