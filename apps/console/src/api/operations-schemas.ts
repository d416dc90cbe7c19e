import {
  array,
  boolean,
  nullable,
  number,
  object,
  picklist,
  string,
  type InferOutput,
} from 'valibot';
import { jsonSchema } from './schemas.ts';

/** Answers of the API about keys, webhooks, projections and nodes, as far as the console shows them. */

export const deliverySchema = object({
  sid: string(),
  user_sid: string(),
  event_type: string(),
  status: picklist(['pending', 'failed', 'delivered', 'dead']),
  attempts: number(),
  response_code: nullable(number()),
  error: nullable(string()),
  date_next_attempt: nullable(string()),
  date_given_up: string(),
  date_created: string(),
  date_updated: string(),
  parameters: jsonSchema,
});
export type Delivery = InferOutput<typeof deliverySchema>;

export const apiKeySchema = object({
  sid: string(),
  friendly_name: string(),
  scopes: array(string()),
  services: nullable(array(string())),
  date_created: string(),
  date_expires: nullable(string()),
  last_used: nullable(string()),
});
export type ApiKey = InferOutput<typeof apiKeySchema>;

export const issuedApiKeySchema = object({ ...apiKeySchema.entries, secret: string() });
export type IssuedApiKey = InferOutput<typeof issuedApiKeySchema>;

export const webhookRetrySchema = object({ retried: number() });

export const projectionSchema = object({
  name: string(),
  status: picklist(['ok', 'stuck', 'down']),
  live_version: number(),
  position: nullable(string()),
  lag_events: number(),
  lag_is_more: boolean(),
  lag_ms: number(),
  dead_letters: number(),
  down_reason: nullable(string()),
  date_moved: nullable(string()),
  versions: array(
    object({
      version: number(),
      state: picklist(['live', 'building', 'kept']),
      position: nullable(string()),
      dead_letters: number(),
      date_moved: nullable(string()),
    }),
  ),
});
export type Projection = InferOutput<typeof projectionSchema>;

export const nodeSchema = object({
  node_id: string(),
  incarnation: number(),
  status: picklist(['running', 'ended']),
  lease_status: picklist(['held', 'expired', 'none']),
  lease_age_ms: nullable(number()),
  connections: nullable(number()),
  role: nullable(string()),
  program_version: nullable(string()),
  date_started: nullable(string()),
});
export type ClusterNode = InferOutput<typeof nodeSchema>;

export const jobSchema = object({
  sid: string(),
  projection: string(),
  kind: string(),
  status: picklist(['queued', 'running', 'succeeded', 'failed', 'cancelled']),
  requested_by: string(),
  runner: nullable(string()),
  events_done: nullable(number()),
  events_total: nullable(number()),
  events_per_second: nullable(number()),
  date_estimated_end: nullable(string()),
  result: nullable(
    object({
      version: nullable(number()),
      events: nullable(number()),
      remaining_dead_letters: nullable(number()),
      verification: nullable(
        object({
          rows: number(),
          differences: number(),
          shown: array(
            object({
              table: string(),
              key: string(),
              kind: string(),
              columns: array(object({ column: string(), live: string(), rebuilt: string() })),
            }),
          ),
        }),
      ),
    }),
  ),
  error: nullable(string()),
  date_created: string(),
  date_ended: nullable(string()),
});
/** Something that is done to a projection in the background. */
export type Job = InferOutput<typeof jobSchema>;

export const deadLetterSchema = object({
  event: string(),
  stream: string(),
  type: string(),
  error: nullable(string()),
  waits: boolean(),
  date_effective: string(),
});
export type DeadLetter = InferOutput<typeof deadLetterSchema>;
