import { ConsoleLogger, type LogLevel } from '@nestjs/common';
import type { Settings } from '#shared/settings/settings';

/** Parts of Nest that log every module and route at each start. They are logged at level debug. */
const WIRING = ['NestFactory', 'InstanceLoader', 'RoutesResolver', 'RouterExplorer'];
const LEVELS: readonly LogLevel[] = ['fatal', 'error', 'warn', 'log', 'debug', 'verbose'];
const NAMES = ['fatal', 'error', 'warn', 'info', 'debug', 'trace'];

class Logger extends ConsoleLogger {
  override log(message: unknown, ...rest: readonly unknown[]): void {
    const context = rest.at(-1);
    const isWiring = typeof context === 'string' && WIRING.includes(context);
    if (isWiring) super.debug(message, ...rest);
    else super.log(message, ...rest);
  }
}

/** The logger that the settings ask for: pretty on a terminal, JSON elsewhere. */
export function createLogger({ LOG_LEVEL, LOG_FORMAT }: Settings): ConsoleLogger {
  return new Logger({
    logLevels: LEVELS.slice(0, NAMES.indexOf(LOG_LEVEL) + 1),
    json: LOG_FORMAT === 'json',
    prefix: 'Reachability',
  });
}
