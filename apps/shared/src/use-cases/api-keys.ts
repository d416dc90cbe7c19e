import {
  API_KEY_SCOPES,
  apiKeyStream,
  deriveSid,
  DomainError,
  validSecretIds,
  type ActiveApiKey,
  type ApiKeyCommand,
  type ApiKeyScope,
  type ApiKeyState,
} from '#domain';
import type { CommandContext, CommandResult } from '#event-store';
import type { Aggregates } from './aggregates.ts';
import type { ApiKeySecrets, NewSecret } from './api-key-secrets.ts';
import { ForbiddenError, RefusedError } from './refused-error.ts';
import { assertServiceExists } from './services.ts';
import type { Written } from './written.ts';

/** A key whose state has changed. */
export interface ChangedApiKey extends Written {
  readonly keySid: string;
  readonly state: ApiKeyState;
}

/** A key with a new secret, which is shown once. */
export interface IssuedApiKey extends ChangedApiKey {
  readonly secret: string;
}

/** Who gets the secret of a key to see: the scopes of its own credentials. */
export interface KeyIssuer {
  readonly scopes: readonly ApiKeyScope[];
}

/** The owner of the stores, who may issue any key. */
export const OWNER: KeyIssuer = { scopes: API_KEY_SCOPES };

/** The aggregates that keys refer to, and their secrets. */
export interface ApiKeyStores {
  readonly aggregates: Pick<Aggregates, 'keys' | 'services'>;
  readonly secrets: ApiKeySecrets;
}

/**
 * Creates an API key. The secret is stored before the log has the key, so that no key is without its secret. The same
 * command sent again is refused: nothing can show the secret a second time.
 *
 * @throws ForbiddenError if the issuer lacks a scope of the key
 * @throws RefusedError for an unknown Service, or an expiry that has passed
 * @throws DomainError `KEY.ALREADY_EXISTS`
 */
export async function createApiKey(
  stores: ApiKeyStores,
  {
    friendlyName,
    scopes,
    services,
    expiresAt,
    issuer,
    now,
    context,
  }: {
    readonly friendlyName: string;
    readonly scopes: readonly ApiKeyScope[];
    /** Sids of the Services that the key is limited to; null if it is not limited. */
    readonly services: readonly string[] | null;
    /** ISO 8601; null if the key does not expire. */
    readonly expiresAt: string | null;
    readonly issuer: KeyIssuer;
    readonly now: Date;
    readonly context: CommandContext;
  },
): Promise<IssuedApiKey> {
  assertMayIssue(issuer, scopes);
  if (expiresAt !== null && Date.parse(expiresAt) <= now.getTime()) {
    throw new RefusedError('ExpiresAt must be in the future');
  }
  for (const sid of services ?? []) await assertKnownService(stores, sid);
  const keySid = deriveSid('SK', context.commandId);
  return issue(stores, keySid, scopes, context, ({ secretId }) => ({
    type: 'CreateApiKey',
    keySid,
    friendlyName,
    scopes,
    services,
    expiresAt,
    secretId,
  }));
}

/**
 * Gives a key another secret. The one before ends at once, or after the overlap.
 *
 * @param input.overlapSeconds 0 for no overlap
 * @throws ForbiddenError if the issuer lacks a scope of the key
 * @throws RefusedError if the key has expired
 * @throws DomainError `KEY.NOT_FOUND`; `KEY.ALREADY_EXISTS` if the same command was handled before
 */
export async function rotateApiKey(
  stores: ApiKeyStores,
  {
    keySid,
    overlapSeconds,
    issuer,
    now,
    context,
  }: {
    readonly keySid: string;
    readonly overlapSeconds: number;
    readonly issuer: KeyIssuer;
    readonly now: Date;
    readonly context: CommandContext;
  },
): Promise<IssuedApiKey> {
  const before = await activeKey(stores, keySid);
  assertMayIssue(issuer, before.scopes);
  if (validSecretIds(before, now).length === 0) {
    throw new RefusedError('The API key has expired: create another one');
  }
  const previousValidUntil =
    overlapSeconds === 0 ? null : new Date(now.getTime() + overlapSeconds * 1_000).toISOString();
  const issued = await issue(stores, keySid, before.scopes, context, ({ secretId }) => ({
    type: 'RotateApiKey',
    secretId,
    previousValidUntil,
  }));
  await removeEnded(stores, before, issued.state);
  return issued;
}

/**
 * Revokes a key for good.
 *
 * @throws DomainError `KEY.NOT_FOUND`
 */
export async function revokeApiKey(
  stores: ApiKeyStores,
  { keySid, context }: { readonly keySid: string; readonly context: CommandContext },
): Promise<ChangedApiKey> {
  const before = await activeKey(stores, keySid);
  const command = { type: 'RevokeApiKey' } as const;
  const result = await stores.aggregates.keys.handle(apiKeyStream(keySid), command, context);
  await removeEnded(stores, before, result.state);
  return { keySid, state: result.state, position: result.position };
}

/** Stores a new secret, then sends the command that names it in the log. */
async function issue(
  { aggregates, secrets }: ApiKeyStores,
  keySid: string,
  scopes: readonly ApiKeyScope[],
  context: CommandContext,
  toCommand: (secret: NewSecret) => ApiKeyCommand,
): Promise<IssuedApiKey> {
  const added = await secrets.add(keySid, scopes);
  const unused = (): Promise<void> => secrets.remove(keySid, [added.secretId]);
  let result: CommandResult<ApiKeyState>;
  try {
    result = await aggregates.keys.handle(apiKeyStream(keySid), toCommand(added), context);
  } catch (error) {
    if (error instanceof DomainError) await unused();
    throw error;
  }
  if (result.appended.length === 0) {
    await unused();
    throw new DomainError('KEY.ALREADY_EXISTS', 'The secret of this key was already shown');
  }
  return { keySid, secret: added.secret, state: result.state, position: result.position };
}

/** Removes the stored secrets that a change has ended. They are not valid any more, whether or not this succeeds. */
async function removeEnded(
  { secrets }: ApiKeyStores,
  before: ActiveApiKey,
  after: ApiKeyState,
): Promise<void> {
  const kept = after.status === 'active' ? secretIdsOf(after) : [];
  const ended = secretIdsOf(before).filter((id) => !kept.includes(id));
  await secrets.remove(before.sid, ended);
}

function secretIdsOf({ secretId, previousSecret }: ActiveApiKey): readonly string[] {
  return previousSecret === null ? [secretId] : [secretId, previousSecret.secretId];
}

/** Whoever sees a secret has its scopes, so nobody may issue one with a scope that it lacks. @throws ForbiddenError */
function assertMayIssue({ scopes: own }: KeyIssuer, scopes: readonly ApiKeyScope[]): void {
  const lacking = scopes.find(
    (scope) => !own.includes(scope) && !(scope === 'read' && own.includes('admin')),
  );
  if (lacking !== undefined) {
    throw new ForbiddenError(
      `The API key lacks the scope ${lacking}, and cannot give it to another`,
    );
  }
}

async function activeKey({ aggregates }: ApiKeyStores, keySid: string): Promise<ActiveApiKey> {
  const { state } = await aggregates.keys.load(apiKeyStream(keySid));
  if (state.status === 'active') return state;
  throw new DomainError('KEY.NOT_FOUND', 'API key not found');
}

async function assertKnownService({ aggregates }: ApiKeyStores, sid: string): Promise<void> {
  try {
    await assertServiceExists(aggregates, sid);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    throw new RefusedError(`Services contains ${sid}, which does not exist`);
  }
}
