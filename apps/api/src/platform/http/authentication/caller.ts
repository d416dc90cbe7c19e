import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { ActiveApiKey } from '#domain';
import type { SecretRef } from '../../api-keys/api-key-directory.ts';

/** Who sends a request, and what it may do. */
export interface Caller extends Pick<ActiveApiKey, 'scopes' | 'services'> {
  /** Sid of the account or API key; empty for routes that need no credentials. */
  readonly sid: string;
  /** The secret that let it in; null for the account and keys of the settings, which do not end. */
  readonly secret: SecretRef | null;
}

/** Returns a caller with every right: the account, or a key of the settings. */
export function unrestricted(sid: string): Caller {
  return { sid, scopes: ['admin', 'read', 'sign'], services: null, secret: null };
}

/** The sender of a request, as a parameter of a controller method. */
export const RequestCaller = createParamDecorator(
  (_: unknown, context: ExecutionContext): Caller =>
    context.switchToHttp().getRequest<FastifyRequest>().caller,
);
