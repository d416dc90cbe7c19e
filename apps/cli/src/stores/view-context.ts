import { knownAccountSid } from '#shared/composition/credentials';
import type { Settings } from '#shared/settings/settings';
import { configuredOrigin, type ViewContext } from '#shared/views/view-context';

/** What JSON answers say of the service, as its settings and its DATA_DIR tell it. */
export function viewContext(settings: Settings): ViewContext {
  return { accountSid: knownAccountSid(settings), origin: configuredOrigin(settings) };
}
