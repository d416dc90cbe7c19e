import { Module, type INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { SwaggerModule } from '@nestjs/swagger';
import type { FastifyInstance } from 'fastify';
import { describeApi } from './describe-api.ts';

@Module({})
class DocumentationModule {}

/**
 * Returns a server that listens nowhere. It has the OpenAPI description of an application: a page at `/docs`, JSON at
 * `/docs-json` and YAML at `/docs-yaml`.
 *
 * @param origin where the application is, if clients do not reach it at the address of the description
 */
export async function createDocumentationServer(
  app: INestApplication,
  origin: string | null,
): Promise<FastifyInstance> {
  const description = await describeApi(app);
  const servers = origin === null ? {} : { servers: [{ url: origin }] };
  const adapter = new FastifyAdapter({ routerOptions: { ignoreTrailingSlash: true } });
  const server = await NestFactory.create<NestFastifyApplication>(DocumentationModule, adapter, {
    logger: false,
    abortOnError: false,
  });
  SwaggerModule.setup('docs', server, { ...description, ...servers });
  await server.init();
  return adapter.getInstance();
}
