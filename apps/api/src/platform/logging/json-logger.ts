import type { LoggerService } from '@nestjs/common';
import { trace } from '@opentelemetry/api';
import { pino, type DestinationStream, type Logger } from 'pino';
import type { Settings } from '#shared/settings/settings';
import { LogEntry } from './log-entry.ts';
import type { Redact } from './redactor.ts';
import { isWiring } from './wiring.ts';

/** Where lines go: errors to one, the rest to the other. */
interface LogOutputs {
  readonly out: DestinationStream;
  readonly errors: DestinationStream;
}

const STANDARD: LogOutputs = {
  out: { write: (line) => void process.stdout.write(line) },
  errors: { write: (line) => void process.stderr.write(line) },
};

/** Logs one JSON object for each message, by pino. Text is written without secrets. */
export class JsonLogger implements LoggerService {
  readonly #out: Logger;
  readonly #errors: Logger;
  readonly #redact: Redact;

  constructor(level: Settings['LOG_LEVEL'], redact: Redact, outputs = STANDARD) {
    const options = {
      level,
      messageKey: 'message',
      base: { pid: process.pid },
      timestamp: () => `,"timestamp":${Date.now()}`,
      formatters: { level: (label: string) => ({ level: label }) },
    };
    this.#out = pino(options, outputs.out);
    this.#errors = pino(options, outputs.errors);
    this.#redact = redact;
  }

  log(message: unknown, ...rest: readonly unknown[]): void {
    if (isWiring(rest)) this.debug(message, ...rest);
    else this.#out.info(...this.#line(message, rest));
  }

  warn(message: unknown, ...rest: readonly unknown[]): void {
    this.#out.warn(...this.#line(message, rest));
  }

  debug(message: unknown, ...rest: readonly unknown[]): void {
    if (this.#out.isLevelEnabled('debug')) this.#out.debug(...this.#line(message, rest));
  }

  verbose(message: unknown, ...rest: readonly unknown[]): void {
    if (this.#out.isLevelEnabled('trace')) this.#out.trace(...this.#line(message, rest));
  }

  error(message: unknown, ...rest: readonly unknown[]): void {
    this.#errors.error(...this.#line(message, rest));
  }

  fatal(message: unknown, ...rest: readonly unknown[]): void {
    this.#errors.fatal(...this.#line(message, rest));
  }

  /** @param rest as Nest's loggers have it: possibly a stack or an error, and then the name of the class that logs */
  #line(message: unknown, rest: readonly unknown[]): [fields: object, message: string] {
    const entry = toEntry(message);
    const context = rest.at(-1);
    const [other] = rest.slice(0, -1);
    const traceId = trace.getActiveSpan()?.spanContext().traceId;
    const error = entry.error ?? other;
    return [
      {
        ...(typeof context === 'string' ? { context } : {}),
        ...(traceId === undefined ? {} : { trace_id: traceId }),
        ...entry.fields,
        ...(error === undefined ? {} : { error: this.#errorFields(error) }),
      },
      this.#redact(entry.text),
    ];
  }

  #errorFields(error: unknown): object {
    if (!(error instanceof Error)) return { stack: this.#redact(String(error)) };
    const { name, message, stack = '', cause } = error;
    return {
      type: name,
      ...('code' in error ? { code: String(error.code) } : {}),
      message: this.#redact(message),
      stack: this.#redact(stack),
      ...(cause === undefined ? {} : { cause: this.#errorFields(cause) }),
    };
  }
}

function toEntry(message: unknown): LogEntry {
  if (message instanceof LogEntry) return message;
  if (message instanceof Error) return new LogEntry(message.message, { error: message });
  return new LogEntry(typeof message === 'string' ? message : JSON.stringify(message), {});
}
