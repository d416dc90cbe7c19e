import { knownAccountSid } from '#shared/composition/credentials';
import type { Settings } from '#shared/settings/settings';
import { publicOrigin } from '#shared/settings/public-origin';
import type { ViewContext } from '#twilio-wire/view-context';

/** Returns what JSON answers need to know about the service, from its settings and DATA_DIR. */
export function viewContext(settings: Settings): ViewContext {
  return { accountSid: knownAccountSid(settings), origin: publicOrigin(settings) };
}
