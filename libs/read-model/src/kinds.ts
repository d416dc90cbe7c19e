/** A member of a union discriminated by `kind`. */
interface OfKind {
  readonly kind: string;
}

/**
 * Narrows a state to the kind that its stream must have.
 *
 * @throws Error when it is another kind
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
