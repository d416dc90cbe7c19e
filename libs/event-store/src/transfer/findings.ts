import type { EventLocation } from '../errors.ts';

/** Kinds of problems with an event of the log. */
export type FindingCode =
  | 'order'
  | 'gap'
  | 'unknown_type'
  | 'schema'
  | 'metadata'
  | 'unreadable'
  | 'repeated_id'
  | 'future';

/** A problem, and the event that has it. */
export interface Finding extends EventLocation {
  readonly severity: 'error' | 'warning';
  readonly code: FindingCode;
  readonly message: string;
}

/** Collects findings: counts all of them, and keeps the first `limit`. */
export class Findings {
  readonly #limit: number;
  readonly #kept: Finding[] = [];
  #errors = 0;
  #warnings = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  error(code: FindingCode, location: EventLocation, message: string): void {
    this.#errors += 1;
    this.#add('error', code, location, message);
  }

  warning(code: FindingCode, location: EventLocation, message: string): void {
    this.#warnings += 1;
    this.#add('warning', code, location, message);
  }

  summary(): { errors: number; warnings: number; findings: readonly Finding[] } {
    return { errors: this.#errors, warnings: this.#warnings, findings: this.#kept };
  }

  #add(
    severity: Finding['severity'],
    code: FindingCode,
    { stream, revision, position, type }: EventLocation,
    message: string,
  ): void {
    if (this.#kept.length >= this.#limit) return;
    this.#kept.push({ severity, code, message, stream, revision, position, type });
  }
}
