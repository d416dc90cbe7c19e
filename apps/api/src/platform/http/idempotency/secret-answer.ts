import { Reflector } from '@nestjs/core';

/** Marks a route whose answer holds a secret, so that it is not stored for a repeated request. */
export const SecretAnswer = Reflector.createDecorator<boolean>();
