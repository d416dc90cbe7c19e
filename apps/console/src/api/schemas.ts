import {
  array,
  boolean,
  nullable,
  number,
  object,
  optional,
  record,
  string,
  unknown,
  type InferOutput,
} from 'valibot';

/** Answers of the API, as far as the console shows them. Other properties are dropped. */

const flag = nullable(boolean());
const facts = { is_online: flag, is_notifiable: flag };
export const jsonSchema = record(string(), unknown());

export const serviceSchema = object({
  sid: string(),
  friendly_name: string(),
  reachability_enabled: boolean(),
  date_created: string(),
  date_updated: string(),
  post_webhook_url: nullable(string()),
});
export type Service = InferOutput<typeof serviceSchema>;

export const userSchema = object({
  sid: string(),
  identity: string(),
  friendly_name: nullable(string()),
  attributes: string(),
  ...facts,
  date_created: string(),
  date_updated: string(),
});
export type User = InferOutput<typeof userSchema>;

export const serviceReachabilitySchema = object({
  reachability_enabled: boolean(),
  grace_seconds: number(),
  watch_policy: string(),
  staleness_bound_ms: nullable(number()),
});
export type ServiceReachability = InferOutput<typeof serviceReachabilitySchema>;

const answer = {
  sid: string(),
  identity: string(),
  ...facts,
  reason_code: string(),
  since: nullable(string()),
  last_online: nullable(string()),
  open_connections: number(),
  version: string(),
};

export const liveAnswerSchema = object(answer);
/** The answer about a User at one version. */
export type LiveAnswer = InferOutput<typeof liveAnswerSchema>;

export const queryAnswerSchema = object({ users: array(liveAnswerSchema) });

export const eventSchema = object({
  occurred_at: string(),
  type: string(),
  description: string(),
  cause: nullable(string()),
  actor: string(),
  source: nullable(string()),
  correlation_id: string(),
  causation_id: string(),
  trace_id: nullable(string()),
  stream: string(),
  revision: number(),
  position: string(),
  id: string(),
  data: jsonSchema,
});
export type LogEvent = InferOutput<typeof eventSchema>;

export const explanationSchema = object({
  ...answer,
  reason: string(),
  as_of: nullable(string()),
  staleness_bound_ms: nullable(number()),
  bindings: number(),
  events: array(object({ because: string(), time: string(), ...eventSchema.entries })),
});
export type Explanation = InferOutput<typeof explanationSchema>;

export const intervalSchema = object({
  from: string(),
  until: nullable(string()),
  ...facts,
  reason_code: string(),
  cause: nullable(string()),
  version: string(),
  event: object({
    type: string(),
    position: string(),
    actor: string(),
    device_id: nullable(string()),
  }),
});
/** A period in which the answer about a User was the same. */
export type Interval = InferOutput<typeof intervalSchema>;

export const connectionSchema = object({
  sid: string(),
  transport: string(),
  device_id: nullable(string()),
  date_created: string(),
  date_expires: nullable(string()),
});
export type Connection = InferOutput<typeof connectionSchema>;

export const bindingSchema = object({
  sid: string(),
  binding_type: string(),
  endpoint: string(),
  date_created: string(),
});
export type Binding = InferOutput<typeof bindingSchema>;

/** The body of an error. */
export const errorSchema = object({ code: optional(number()), message: string() });

/** What each page of a list has beside its items. */
export const metaSchema = object({ next_page_url: nullable(string()) });

const counts = {
  users: number(),
  online: number(),
  offline: number(),
  unknown: number(),
  notifiable: number(),
  open_connections: number(),
};

export const summaryPointSchema = object({ time: string(), ...counts });
/** The numbers of a Service from a time until the next point. */
export type SummaryPoint = InferOutput<typeof summaryPointSchema>;

export const summarySchema = object({
  ...counts,
  minutes: nullable(array(summaryPointSchema)),
  hours: nullable(array(summaryPointSchema)),
});
export type Summary = InferOutput<typeof summarySchema>;
