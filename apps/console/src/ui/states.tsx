import type { ReactNode } from 'react';
import { ApiError } from '../api/api-error.ts';
import { useSession } from '../session/session.tsx';
import { Button } from './button.tsx';
import { Snippet } from './snippet.tsx';

/** A list that has nothing to show, and what to do about it. */
export function Empty({
  title,
  children,
  command,
}: {
  readonly title: string;
  readonly children?: ReactNode;
  readonly command?: string;
}) {
  return (
    <div className="empty">
      <h2 className="empty-title">{title}</h2>
      {children !== undefined && <p className="muted">{children}</p>}
      {command !== undefined && <Snippet text={command} label="Command to try" />}
    </div>
  );
}

/** Rows that are being loaded. */
export function Loading({ rows = 6, what }: { readonly rows?: number; readonly what: string }) {
  return (
    <div className="skeleton" role="status" aria-label={`Loading ${what}`}>
      {Array.from({ length: rows }, (_, row) => (
        <div key={row} className="skeleton-row" />
      ))}
    </div>
  );
}

/** Why there is nothing to show. */
export function Failure({
  error,
  onRetry,
}: {
  readonly error: Error;
  readonly onRetry?: () => void;
}) {
  const { session } = useSession();
  const { title, text } = inWords(error, session?.api.sid ?? '');
  return (
    <div className="empty" role="alert">
      <h2 className="empty-title">{title}</h2>
      <p className="muted">{text}</p>
      {onRetry !== undefined && <Button onClick={onRetry}>Try again</Button>}
    </div>
  );
}

function inWords(error: Error, sid: string): { readonly title: string; readonly text: string } {
  if (!(error instanceof ApiError)) {
    return {
      title: 'The service cannot be reached',
      text: 'The console tries again by itself when the page is shown again.',
    };
  }
  if (error.status === 403) return { title: 'Not allowed', text: `${error.message}: ${sid}.` };
  if (error.status === 404) return { title: 'Not found', text: error.message };
  return { title: `Error ${error.status}`, text: error.message };
}

/** An error of something that the user started, beside where it was started. */
export function ErrorText({ error }: { readonly error: Error | null }) {
  if (error === null) return null;
  const message = error instanceof ApiError ? error.message : 'The service cannot be reached.';
  const isForbidden = error instanceof ApiError && error.status === 403;
  return (
    <p className="error-text" role="alert">
      {isForbidden ? `Not allowed: ${message}` : message}
    </p>
  );
}
