import { InvalidSettingError } from '../../apps/shared/src/settings/invalid-setting-error.ts';
import { readSettings } from '../../apps/shared/src/settings/settings.ts';

/** The message with which these settings are refused, or `accepted`. */
export function settingsError(environment: NodeJS.ProcessEnv): string {
  try {
    readSettings(environment);
  } catch (error) {
    if (error instanceof InvalidSettingError) return error.message;
    throw error;
  }
  return 'accepted';
}
