/** The input of a use case: its second parameter, after its dependencies. */
export type InputOf<UseCase extends (dependencies: never, input: never) => unknown> =
  Parameters<UseCase>[1];
