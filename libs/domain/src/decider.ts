/** Something that happened, named in the past tense. `data` is plain JSON. */
export interface DomainEvent<
  Type extends string = string,
  Data extends object = Readonly<Record<string, unknown>>,
> {
  readonly type: Type;
  readonly data: Readonly<Data>;
}

/**
 * An aggregate as three plain values, after the decider pattern (Chassaing; Emmett's `typing/decider.ts`):
 * `decide` turns a command into events or throws a {@link DomainError}; `evolve` folds one event into the state.
 * Neither does I/O, reads a clock or changes its arguments.
 */
export interface Decider<State, Command, Event extends DomainEvent> {
  readonly initialState: State;
  readonly decide: (command: Command, state: State) => readonly Event[];
  readonly evolve: (state: State, event: Event) => State;
}
