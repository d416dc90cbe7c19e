/** What tells its sort by `kind`. */
interface OfKind {
  readonly kind: string;
}

/**
 * A state as one of the kind that its stream must hold.
 *
 * @throws Error where it is of another
 */
export function asKind<Kind extends State['kind'], State extends OfKind>(
  state: State | null,
  kind: Kind,
): Extract<State, { readonly kind: Kind }> | null {
  if (state === null) return null;
  if (!isKind(state, kind)) throw new Error(`Expected a ${kind} but found a ${state.kind}`);
  return state;
}

function isKind<Kind extends State['kind'], State extends OfKind>(
  state: State,
  kind: Kind,
): state is Extract<State, { readonly kind: Kind }> {
  return state.kind === kind;
}
