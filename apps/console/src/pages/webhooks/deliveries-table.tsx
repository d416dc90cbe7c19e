import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from 'react-router';
import { servicePath } from '../../api/paths.ts';
import { deliverySchema, type Delivery } from '../../api/operations-schemas.ts';
import { useApi } from '../../session/session.tsx';
import { Badge, type Tone } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { ErrorText } from '../../ui/states.tsx';
import { Ago, Moment } from '../../ui/time.tsx';

const TONES: Readonly<Record<Delivery['status'], Tone>> = {
  pending: 'neutral',
  failed: 'bad',
  delivered: 'good',
  dead: 'bad',
};

export function DeliveriesTable({
  service,
  deliveries,
}: {
  readonly service: string;
  readonly deliveries: readonly Delivery[];
}) {
  return (
    <div className="table-scroll">
      <table className="table">
        <thead>
          <tr>
            <th scope="col">Status</th>
            <th scope="col">Event</th>
            <th scope="col">User</th>
            <th scope="col">Created</th>
            <th scope="col" className="number">
              Attempts
            </th>
            <th scope="col">Last answer</th>
            <th scope="col">
              <span className="visually-hidden">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {deliveries.map((delivery) => (
            <tr key={delivery.sid}>
              <td>
                <Badge tone={TONES[delivery.status]}>{delivery.status}</Badge>
              </td>
              <td>{delivery.event_type}</td>
              <td>
                <Link to={`/services/${service}/users/${delivery.user_sid}`}>
                  <code>…{delivery.user_sid.slice(-8)}</code>
                </Link>
              </td>
              <td>
                <Ago iso={delivery.date_created} />
              </td>
              <td className="number">{delivery.attempts}</td>
              <td className="break">
                <LastAnswer delivery={delivery} />
              </td>
              <td className="actions">
                <Retry service={service} delivery={delivery} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function LastAnswer({ delivery }: { readonly delivery: Delivery }) {
  const { response_code: code, error, date_next_attempt: next, attempts } = delivery;
  if (attempts === 0) return <span className="muted">–</span>;
  return (
    <>
      {code} <span className="muted">{error}</span>
      {next !== null && (
        <div className="muted">
          next attempt <Moment iso={next} />
        </div>
      )}
    </>
  );
}

/** Sends a delivery again that was not delivered. */
function Retry({ service, delivery }: { readonly service: string; readonly delivery: Delivery }) {
  const api = useApi();
  const queries = useQueryClient();
  const list = servicePath(service, 'Webhooks', 'Deliveries');
  const retry = useMutation({
    mutationFn: () => api.post(`${list}/${delivery.sid}/Retries`, deliverySchema, {}),
    onSettled: () => queries.invalidateQueries({ queryKey: [list] }),
  });
  if (delivery.status === 'delivered') return null;
  return (
    <>
      <Button
        isBusy={retry.isPending}
        aria-label={`Retry ${delivery.sid}`}
        onClick={() => retry.mutate()}
      >
        Retry
      </Button>
      <ErrorText error={retry.error} />
    </>
  );
}
