import { knownAccountSid } from '#shared/composition/credentials';
import type { Settings } from '#shared/settings/settings';
import { publicOrigin } from '#shared/settings/public-origin';
import type { ViewContext } from '#twilio-wire/view-context';

/** What JSON answers say of the service, as its settings and its DATA_DIR tell it. */
export function viewContext(settings: Settings): ViewContext {
  return { accountSid: knownAccountSid(settings), origin: publicOrigin(settings) };
}
