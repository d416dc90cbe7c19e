import type { Settings } from '../settings/settings.ts';
import type { StartedTracing, WarnOfTracing } from './started-tracing.ts';

/**
 * Starts the SDK of OpenTelemetry where the settings ask for tracing; null where not. Without tracing nothing of the SDK is
 * loaded.
 */
export async function startTracing(
  { TRACING }: Pick<Settings, 'TRACING'>,
  warn: WarnOfTracing,
): Promise<StartedTracing | null> {
  if (TRACING === 'off') return null;
  const { startSdk } = await import('./otlp-sdk.ts');
  return startSdk(warn);
}
