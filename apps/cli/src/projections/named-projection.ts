import type { ManagedProjection } from '#projections';
import type { Stores } from '#shared/composition/stores';
import { usageError } from '../cli-error.ts';

/** @throws CliError naming what there is, where `name` is not among it */
export function namedProjection({ readModel }: Stores, name: string): ManagedProjection {
  const found = readModel.projections.find((projection) => projection.name === name);
  if (found !== undefined) return found;
  const names = readModel.projections.map((projection) => projection.name).join(', ');
  throw usageError(`There is no projection ${name}; there are ${names}`);
}
