import { useParams, useSearchParams } from 'react-router';
import { ForeignText } from '../../ui/foreign-text.tsx';
import { userPath } from '../../api/paths.ts';
import { CallButton } from '../../ui/call-button.tsx';
import { PageHeader } from '../../ui/page-header.tsx';
import { Failure, Loading } from '../../ui/states.tsx';
import { useService } from '../service/service-context.ts';
import { AnswerCard } from './answer-card.tsx';
import { AsOfPicker } from './as-of-picker.tsx';
import { Connections } from './connections.tsx';
import { Devices } from './devices.tsx';
import { Evidence } from './evidence.tsx';
import { UserEvents } from './user-events.tsx';
import { HistorySection } from './history-section.tsx';
import { useExplanation } from './use-explanation.ts';
import { useFollowedUser } from './use-followed-user.ts';

/** One User: the answer now or at a time, why, and everything that led to it. */
export function UserPage() {
  const service = useService();
  const { user = '' } = useParams();
  const [search, setSearch] = useSearchParams();
  const at = search.get('at');
  const setAt = (time: string | null): void => setSearch(time === null ? {} : { at: time });
  useFollowedUser(service.sid, user);
  const now = useExplanation(service.sid, user, null);
  const shown = useExplanation(service.sid, user, at);
  const { data: current } = now;
  if (current === undefined) {
    return now.error === null ? (
      <Loading what="the User" rows={12} />
    ) : (
      <Failure error={now.error} onRetry={() => void now.refetch()} />
    );
  }
  const path = userPath(service.sid, current.sid, 'Reachability', 'Explanation');
  return (
    <>
      <PageHeader
        title={<ForeignText>{current.identity}</ForeignText>}
        documentTitle={current.identity}
        above={[
          {
            to: `/services/${service.sid}/users`,
            name: <ForeignText>{service.friendly_name}</ForeignText>,
          },
        ]}
        actions={
          <CallButton
            path={at === null ? path : `${path}?AsOf=${encodeURIComponent(at)}`}
            cli={`audit user ${current.sid} --service ${service.sid}${at === null ? '' : ` --as-of ${at}`}`}
          />
        }
      >
        <p className="sid">{current.sid}</p>
      </PageHeader>
      <AsOfPicker at={at} onPick={setAt} />
      <AnswerCard answer={shown.data ?? null} error={shown.error} />
      <HistorySection service={service.sid} user={current.sid} at={at} onPick={setAt} />
      {shown.data !== undefined && <Evidence explanation={shown.data} />}
      <div className="columns">
        <Connections service={service.sid} user={current.sid} explanation={current} />
        <Devices service={service.sid} user={current.sid} />
      </div>
      <UserEvents service={service.sid} user={current.sid} />
    </>
  );
}
