import { InvalidSettingError } from './invalid-setting-error.ts';

/** The settings that are valid alone, but not with every value of each other. */
interface RelatedSettings {
  readonly ACCOUNT_SID?: string;
  readonly AUTH_TOKEN?: string;
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
