import type { Role } from '#domain';
import type { ServiceRow } from '#read-model';
import { roleJson } from '../role-json.ts';
import { chatV1Url, type ViewContext } from '../view-context.ts';

/** A Role of a Service in the JSON of Twilio's chat v1. */
export function chatV1RoleJson(role: Role, service: ServiceRow, context: ViewContext) {
  const url = chatV1Url(context.origin, 'Services', service.sid, 'Roles', role.sid);
  return { ...roleJson(role, service, context), url };
}
