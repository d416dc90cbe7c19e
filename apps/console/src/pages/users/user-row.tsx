import { memo } from 'react';
import { Link } from 'react-router';
import { ForeignText } from '../../ui/foreign-text.tsx';
import type { User } from '../../api/schemas.ts';
import type { Answers } from '../../live/answers.ts';
import { useAnswer } from '../../live/use-answer.ts';
import { PresenceMark, PushMark } from '../../ui/presence.tsx';
import { Ago } from '../../ui/time.tsx';

/** A User in the table. It is drawn again when its own answer changes, and not when another one does. */
export const UserRow = memo(function UserRow({
  service,
  user,
  answers,
  index,
  top,
}: {
  readonly service: string;
  readonly user: User;
  readonly answers: Answers;
  readonly index: number;
  /** Pixels from the top of the table. */
  readonly top: number;
}) {
  const answer = useAnswer(answers, user.sid);
  if (answer === 'gone') return <DeletedRow identity={user.identity} index={index} top={top} />;
  const { is_online: isOnline, is_notifiable: isNotifiable } = answer ?? user;
  return (
    <div
      role="row"
      className="grid-row users-grid"
      aria-rowindex={index + 2}
      style={{ transform: `translateY(${top}px)` }}
    >
      <span role="cell">
        <PresenceMark isOnline={isOnline} />
      </span>
      <span role="cell" className="clip">
        <Link className="strong-link" to={`/services/${service}/users/${user.sid}`}>
          <ForeignText>{user.identity}</ForeignText>
        </Link>
      </span>
      <span role="cell">
        <PushMark isNotifiable={isNotifiable} />
      </span>
      <span role="cell" className="muted">
        {answer !== null && answer.since !== null && <Ago iso={answer.since} />}
      </span>
      <span role="cell" className="wide-only number muted">
        {answer?.open_connections}
      </span>
      <span role="cell" className="wide-only clip muted">
        <ForeignText>{user.friendly_name ?? ''}</ForeignText>
      </span>
    </div>
  );
});

function DeletedRow({
  identity,
  index,
  top,
}: {
  readonly identity: string;
  readonly index: number;
  readonly top: number;
}) {
  return (
    <div
      role="row"
      className="grid-row users-grid muted"
      aria-rowindex={index + 2}
      style={{ transform: `translateY(${top}px)` }}
    >
      <span role="cell">deleted</span>
      <span role="cell" className="clip">
        <ForeignText>{identity}</ForeignText>
      </span>
    </div>
  );
}
