import type { ProjectionOperations } from '#projections';
import type { Stores } from '#shared/composition/stores';
import { usageError } from '../cli-error.ts';

/** Returns a projection by name. @throws CliError that lists the names, where there is none */
export function namedProjection({ readModel }: Stores, name: string): ProjectionOperations {
  const found = readModel.projections.find((projection) => projection.name === name);
  if (found !== undefined) return found;
  const names = readModel.projections.map((projection) => projection.name).join(', ');
  throw usageError(`There is no projection ${name}; the projections are ${names}`);
}
