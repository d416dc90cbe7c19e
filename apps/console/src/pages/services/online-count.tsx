import { useSummary } from '../summary/use-summary.ts';

const REFRESH_MS = 5_000;

/** How many Users of a Service are online, of how many. */
export function OnlineCount({ service }: { readonly service: string }) {
  const { data } = useSummary(service, 'none', REFRESH_MS);
  if (data === undefined) return <span className="muted">–</span>;
  return (
    <>
      {data.online.toLocaleString()} <span className="muted">of {data.users.toLocaleString()}</span>
    </>
  );
}
