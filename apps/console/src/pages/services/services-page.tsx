import { useState } from 'react';
import { Link } from 'react-router';
import { ForeignText } from '../../ui/foreign-text.tsx';
import { SERVICES } from '../../api/paths.ts';
import { serviceSchema, type Service } from '../../api/schemas.ts';
import { usePages } from '../../api/use-pages.ts';
import { Button } from '../../ui/button.tsx';
import { CallButton } from '../../ui/call-button.tsx';
import { List } from '../../ui/list.tsx';
import { PageHeader } from '../../ui/page-header.tsx';
import { Sid } from '../../ui/sid.tsx';
import { Empty } from '../../ui/states.tsx';
import { Ago } from '../../ui/time.tsx';
import { SERVICE_URL } from '../../locations.ts';
import { CreateService } from './create-service.tsx';
import { OnlineCount } from './online-count.tsx';
import { ReachabilitySwitch } from './reachability-switch.tsx';

const REFRESH_MS = 10_000;

/** All Services, each with its switch. */
export function ServicesPage() {
  const [isCreating, setIsCreating] = useState(false);
  const services = usePages({
    path: SERVICES,
    key: 'services',
    schema: serviceSchema,
    refreshMs: REFRESH_MS,
  });
  return (
    <>
      <PageHeader
        title="Services"
        documentTitle="Services"
        actions={
          <>
            <CallButton path={SERVICES} cli="services list" />
            <Button kind="primary" onClick={() => setIsCreating(true)}>
              Create Service
            </Button>
          </>
        }
      />
      <List pages={services} what="Services" empty={<NoServices />}>
        {(items) => <ServicesTable services={items} />}
      </List>
      {isCreating && <CreateService onClose={() => setIsCreating(false)} />}
    </>
  );
}

function NoServices() {
  const command = `curl -u "$ACCOUNT_SID:$AUTH_TOKEN" ${SERVICE_URL}${SERVICES} -d FriendlyName=Support`;
  return (
    <Empty title="No Service yet" command={command}>
      A Service holds Users and their Connections. Create the first one here or with the API.
    </Empty>
  );
}

function ServicesTable({ services }: { readonly services: readonly Service[] }) {
  return (
    <div className="table-scroll">
      <table className="table">
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Reachability</th>
            <th scope="col">Online</th>
            <th scope="col" className="wide-only">
              SID
            </th>
            <th scope="col" className="wide-only">
              Created
            </th>
          </tr>
        </thead>
        <tbody>
          {services.map((service) => (
            <tr key={service.sid}>
              <th scope="row">
                <Link className="strong-link" to={`/services/${service.sid}/users`}>
                  <ForeignText>
                    {service.friendly_name === '' ? service.sid : service.friendly_name}
                  </ForeignText>
                </Link>
              </th>
              <td>
                <ReachabilitySwitch service={service} />
              </td>
              <td>
                <OnlineCount service={service.sid} />
              </td>
              <td className="wide-only">
                <Sid sid={service.sid} />
              </td>
              <td className="wide-only">
                <Ago iso={service.date_created} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
