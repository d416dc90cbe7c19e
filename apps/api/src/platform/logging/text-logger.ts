import { ConsoleLogger, type LogLevel } from '@nestjs/common';
import type { Settings } from '#shared/settings/settings';
import { LogEntry } from './log-entry.ts';
import type { Redact } from './redactor.ts';
import { isWiring } from './wiring.ts';

const LEVELS: readonly LogLevel[] = ['fatal', 'error', 'warn', 'log', 'debug', 'verbose'];
const NAMES = ['fatal', 'error', 'warn', 'info', 'debug', 'trace'];

/** Logs lines of text for people, by Nest. They have no secrets, and an entry ends with the stack of its error. */
export class TextLogger extends ConsoleLogger {
  readonly #redact: Redact;

  constructor(level: Settings['LOG_LEVEL'], redact: Redact) {
    super({ logLevels: LEVELS.slice(0, NAMES.indexOf(level) + 1), prefix: 'Reachability' });
    this.#redact = redact;
  }

  override log(message: unknown, ...rest: readonly unknown[]): void {
    if (isWiring(rest)) super.debug(message, ...rest);
    else super.log(message, ...rest);
  }

  protected override printMessages(
    messages: unknown[],
    context?: string,
    level?: LogLevel,
    stream?: 'stdout' | 'stderr',
    stack?: unknown,
  ): void {
    const texts = messages.map((message) => this.#redact(textOf(message)));
    super.printMessages(texts, context, level, stream, stack);
  }
}

function textOf(message: unknown): string {
  if (message instanceof LogEntry) {
    const { text, error } = message;
    return error instanceof Error ? `${text}\n${error.stack ?? error.message}` : text;
  }
  if (message instanceof Error) return message.stack ?? message.message;
  return typeof message === 'string' ? message : JSON.stringify(message);
}
