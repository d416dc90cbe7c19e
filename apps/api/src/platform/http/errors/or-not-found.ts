import { NotFoundException } from '@nestjs/common';

/**
 * The value that was found. The error filter adds the path of the request.
 *
 * @throws NotFoundException where it is null
 */
export function orNotFound<T>(found: T | null): T {
  if (found === null) throw new NotFoundException();
  return found;
}
