/** Who sends a command, and on whose behalf: it ends up in the metadata of every event the command makes. */
export interface CommandContext {
  /** Seeds the ids of the command's events. The same id sent again changes nothing. */
  readonly commandId: string;
  readonly correlationId: string;
  readonly actor: string;
}
