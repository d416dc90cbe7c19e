/** Nest on Fastify with a guard for Basic authentication and one route, which answers the given bytes: arguments are the path, the bytes and the header. */
import 'reflect-metadata';
import {
  Controller,
  Get,
  Header,
  Module,
  UseGuards,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';

const [path = '/', body = '', authorization = ''] = process.argv.slice(2);

class BasicGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<{ headers: { authorization?: string } }>();
    const given = request.headers.authorization ?? '';
    if (!given.startsWith('Basic ')) return false;
    const [user, password] = Buffer.from(given.slice(6), 'base64').toString('utf8').split(':');
    return authorization === `${user}:${password}`;
  }
}

class UsersController {
  get(): string {
    return body;
  }
}

class AppModule {
  readonly path = path;
}

// Node erases types and knows no decorators, so they are applied as functions.
const handler = Object.getOwnPropertyDescriptor(UsersController.prototype, 'get');
if (handler === undefined) throw new TypeError('The controller has no handler');
Get()(UsersController.prototype, 'get', handler);
Header('content-type', 'application/json; charset=utf-8')(
  UsersController.prototype,
  'get',
  handler,
);
UseGuards(BasicGuard)(UsersController.prototype, 'get', handler);
Controller(path)(UsersController);
Module({ controllers: [UsersController], providers: [BasicGuard] })(AppModule);

const app = await NestFactory.create<NestFastifyApplication>(AppModule, new FastifyAdapter(), {
  logger: false,
});
await app.listen(0, '127.0.0.1');
process.stdout.write(`${await app.getUrl()}\n`);
process.on('SIGTERM', () => void app.close());
