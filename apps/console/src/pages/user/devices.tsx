import { ForeignText } from '../../ui/foreign-text.tsx';
import { userPath } from '../../api/paths.ts';
import { bindingSchema } from '../../api/schemas.ts';
import { usePages } from '../../api/use-pages.ts';
import { List } from '../../ui/list.tsx';
import { Ago } from '../../ui/time.tsx';

/** The push registrations of a User. */
export function Devices({ service, user }: { readonly service: string; readonly user: string }) {
  const pages = usePages({
    path: userPath(service, user, 'Bindings'),
    key: 'bindings',
    schema: bindingSchema,
  });
  return (
    <section aria-labelledby="bindings" className="section">
      <h2 id="bindings" className="section-title">
        Push registrations
      </h2>
      <List
        pages={pages}
        what="registrations"
        empty={<p className="muted">None, so no push reaches this User.</p>}
      >
        {(items) => (
          <div className="table-scroll">
            <table className="table">
              <thead>
                <tr>
                  <th scope="col">Type</th>
                  <th scope="col">Endpoint</th>
                  <th scope="col">Since</th>
                </tr>
              </thead>
              <tbody>
                {items.map(({ sid, binding_type: type, endpoint, date_created: created }) => (
                  <tr key={sid}>
                    <td>{type}</td>
                    <td className="break">
                      <ForeignText>{endpoint}</ForeignText>
                    </td>
                    <td>
                      <Ago iso={created} />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </List>
    </section>
  );
}
