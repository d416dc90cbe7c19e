/** Fields of a line of the log, as its JSON names them. */
export interface LogFields {
  readonly request_id?: string;
  /** Such as `key:<SK or AC sid>`. */
  readonly actor?: string;
  readonly trace_id?: string;
  readonly method?: string;
  /** Template of the route: the path may name people. */
  readonly route?: string;
  readonly status?: number;
  readonly duration_ms?: number;
}

/** A message for the log with fields of its own, or with the error that it is about. Pass it to Nest's logger. */
export class LogEntry {
  readonly text: string;
  readonly fields: LogFields;
  readonly error: unknown;

  constructor(text: string, { fields = {}, error }: { fields?: LogFields; error?: unknown }) {
    this.text = text;
    this.fields = fields;
    this.error = error;
  }

  toString(): string {
    return this.text;
  }
}
