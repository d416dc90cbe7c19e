import { InvalidSettingError } from './invalid-setting-error.ts';

/** The settings that are valid alone, but not with every value of each other. */
interface RelatedSettings {
  readonly ACCOUNT_SID?: string;
  readonly AUTH_TOKEN?: string;
  readonly API_KEYS?: string;
  readonly KEY_ENCRYPTION_KEY?: string;
  readonly DATABASE_URL?: string;
  readonly READ_MODEL?: 'sqlite' | 'postgres';
  readonly PORT: number;
  readonly MANAGEMENT_PORT?: number;
  readonly MANAGEMENT_PUBLIC: boolean;
}

/** @throws InvalidSettingError that names the settings, if they contradict each other */
export function refuseContradictions(settings: RelatedSettings): void {
  if ((settings.ACCOUNT_SID === undefined) !== (settings.AUTH_TOKEN === undefined)) {
    throw new InvalidSettingError('ACCOUNT_SID and AUTH_TOKEN must be set together');
  }
  requireReadModel(settings);
  if (settings.DATABASE_URL !== undefined) requireSharedSecrets(settings);
  if (settings.MANAGEMENT_PUBLIC && settings.MANAGEMENT_PORT !== undefined) {
    throw new InvalidSettingError(
      'MANAGEMENT_PUBLIC must not be true where MANAGEMENT_PORT is set',
    );
  }
  if (settings.MANAGEMENT_PORT === settings.PORT && settings.PORT !== 0) {
    throw new InvalidSettingError('MANAGEMENT_PORT must differ from PORT');
  }
}

/** The read model stands where DATABASE_URL says; READ_MODEL may repeat it. */
function requireReadModel({ DATABASE_URL, READ_MODEL }: RelatedSettings): void {
  const [readModel, isSet] =
    DATABASE_URL === undefined ? ['sqlite', 'is not set'] : ['postgres', 'is set'];
  if (READ_MODEL === undefined || READ_MODEL === readModel) return;
  throw new InvalidSettingError(`READ_MODEL must be ${readModel} where DATABASE_URL ${isSet}`);
}

/**
 * Processes that share a database may run on machines that share no folder, in which a first start could keep secrets for
 * all of them. Two sets of secrets would refuse each other's clients.
 */
function requireSharedSecrets(settings: RelatedSettings): void {
  const needed = ['ACCOUNT_SID', 'AUTH_TOKEN', 'API_KEYS', 'KEY_ENCRYPTION_KEY'] as const;
  const missing = needed.filter((name) => settings[name] === undefined);
  if (missing.length === 0) return;
  throw new InvalidSettingError(
    `DATABASE_URL needs ${missing.join(', ')}, the same for every process`,
  );
}
