import { liveSchemaOf } from '#projections/adapters/postgres/version-schema';
import { READ_MODEL_SCHEMA } from '../read-model-schema.ts';

/** Schema of the views through which this program reads. */
export const LIVE_SCHEMA = liveSchemaOf(READ_MODEL_SCHEMA);
