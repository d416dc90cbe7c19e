import { useRouteError } from 'react-router';
import { Button } from '../ui/button.tsx';
import { Failure } from '../ui/states.tsx';

/** A page that failed while it was loaded or shown, such as one whose files belong to an older version. */
export function RouteFailure() {
  const error = useRouteError();
  return (
    <main className="main">
      <Failure error={error instanceof Error ? error : new Error(String(error))} />
      <div className="empty">
        <Button onClick={() => location.reload()}>Load the console again</Button>
      </div>
    </main>
  );
}
