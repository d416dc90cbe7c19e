import type { LoggerService } from '@nestjs/common';
import type { Settings } from '#shared/settings/settings';
import { JsonLogger } from './json-logger.ts';
import { redactor } from './redactor.ts';
import { TextLogger } from './text-logger.ts';

/** Returns the logger that the settings ask for: text on a terminal, JSON elsewhere. */
export function createLogger(settings: Settings): LoggerService {
  const { LOG_LEVEL, LOG_FORMAT } = settings;
  const redact = redactor(settings);
  return LOG_FORMAT === 'json'
    ? new JsonLogger(LOG_LEVEL, redact)
    : new TextLogger(LOG_LEVEL, redact);
}
