import type { EventLocation } from '../errors.ts';

/** What can be wrong with an event of the log. */
export type FindingCode =
  | 'order'
  | 'gap'
  | 'unknown_type'
  | 'schema'
  | 'metadata'
  | 'unreadable'
  | 'repeated_id'
  | 'future';

/** One thing found, and where. */
export interface Finding extends EventLocation {
  readonly severity: 'error' | 'warning';
  readonly code: FindingCode;
  readonly message: string;
}

/** Collects findings: counts all, keeps the first. */
export class Findings {
  readonly #limit: number;
  readonly #kept: Finding[] = [];
  #errors = 0;
  #warnings = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  error(code: FindingCode, place: EventLocation, message: string): void {
    this.#errors += 1;
    this.#add('error', code, place, message);
  }

  warning(code: FindingCode, place: EventLocation, message: string): void {
    this.#warnings += 1;
    this.#add('warning', code, place, message);
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
