import { described, object, url, type Schema } from './schema.ts';
import { list, service, user } from './twilio-schemas.ts';

/** Schemas of the resources of chat v1 that differ from those of v2. */
export const CHAT_V1_SCHEMAS = {
  ChatV1Service: object({
    ...service,
    webhooks: described(
      { type: 'object' },
      'Webhooks by event, such as `on_user_updated`; each has `url` and `method`, which may be null.',
    ),
    links: object({ channels: url, users: url, roles: url }),
  }),
  ChatV1ServiceList: list('services', 'ChatV1Service'),
  ChatV1User: object({ ...user, links: object({ user_channels: url }) }),
  ChatV1UserList: list('users', 'ChatV1User'),
} as const satisfies Readonly<Record<string, Schema>>;
