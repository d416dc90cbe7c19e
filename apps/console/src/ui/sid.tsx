/** A sid, or another machine-readable name. */
export function Sid({ sid }: { readonly sid: string }) {
  return <code className="sid">{sid}</code>;
}
