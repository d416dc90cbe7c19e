import {
  DEFAULT_ACCOUNT_CONFIGURATION,
  DomainError,
  firstServiceSid,
  serviceStream,
  uuidV5,
  type AccountConfiguration,
} from '#domain';
import { latest, type CommandContext } from '#event-store';
import type { Aggregates } from './aggregates.ts';
import { createService } from './services.ts';
import type { Written } from './written.ts';

const FRIENDLY_NAME = 'Default Conversations Service';

/** The default Service of an account, and where the account's configuration is. `position` is that of their latest event. */
export interface DefaultService extends Written {
  readonly serviceSid: string;
  /** The first Service of the account, which keeps its configuration. */
  readonly firstSid: string;
  readonly configuration: AccountConfiguration;
}

/**
 * Returns the default Service of an account: the one that its configuration names while that exists, else its first
 * Service. It reads the log, which is ahead of the read model.
 *
 * @param creation context of the creation of a first Service; null to create none
 * @returns null where there is no first Service
 */
export async function findDefaultService(
  aggregates: Pick<Aggregates, 'services'>,
  {
    accountSid,
    creation,
  }: {
    readonly accountSid: string;
    readonly creation: Omit<CommandContext, 'commandId'> | null;
  },
): Promise<DefaultService | null> {
  const firstSid = await findFirstSid(aggregates, accountSid);
  const first = await aggregates.services.load(serviceStream(firstSid));
  if (first.state.status !== 'active') {
    if (creation === null) return null;
    await createFirst(aggregates, firstSid, creation);
    return findDefaultService(aggregates, { accountSid, creation: null });
  }
  const configuration = first.state.settings.accountConfiguration ?? DEFAULT_ACCOUNT_CONFIGURATION;
  const { defaultServiceSid } = configuration;
  const isFirst = { serviceSid: firstSid, firstSid, configuration, position: first.position };
  if (defaultServiceSid === null) return isFirst;
  const { state, position } = await aggregates.services.load(serviceStream(defaultServiceSid));
  if (state.status !== 'active') return isFirst;
  return { ...isFirst, serviceSid: defaultServiceSid, position: latest(first.position, position) };
}

/** Sid of the first Service of the account that was not deleted. It may not exist yet. */
async function findFirstSid(
  { services }: Pick<Aggregates, 'services'>,
  accountSid: string,
): Promise<string> {
  let sid = firstServiceSid(accountSid);
  for (;;) {
    const { state } = await services.load(serviceStream(sid));
    if (state.status !== 'deleted') return sid;
    sid = firstServiceSid(accountSid, sid);
  }
}

async function createFirst(
  aggregates: Pick<Aggregates, 'services'>,
  serviceSid: string,
  creation: Omit<CommandContext, 'commandId'>,
): Promise<void> {
  const context = { ...creation, commandId: uuidV5(`first Service ${serviceSid}`) };
  try {
    await createService(aggregates, { friendlyName: FRIENDLY_NAME, serviceSid, context });
  } catch (error) {
    // Another request has created it.
    if (!(error instanceof DomainError && error.code === 'SERVICE.ALREADY_EXISTS')) throw error;
  }
}
