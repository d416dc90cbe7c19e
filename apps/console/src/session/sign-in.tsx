import { useState, type SyntheticEvent } from 'react';
import { ApiError } from '../api/api-error.ts';
import { Button } from '../ui/button.tsx';
import { textField } from '../ui/form.ts';
import { Logo } from '../ui/logo.tsx';
import { useSession } from './session.tsx';

/** Asks for the credentials of the account or of an API key. */
export function SignIn() {
  const { signIn, hasExpired } = useSession();
  const [error, setError] = useState<string | null>(null);
  const [isBusy, setIsBusy] = useState(false);
  const submit = async (event: SyntheticEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = event.currentTarget;
    const credentials = { sid: textField(form, 'sid'), secret: textField(form, 'secret') };
    setIsBusy(true);
    setError(null);
    try {
      await signIn(credentials);
    } catch (cause) {
      setError(inWords(cause));
      setIsBusy(false);
    }
  };
  const message =
    error ?? (hasExpired ? 'These credentials are no longer valid. Sign in again.' : null);
  return (
    <main className="sign-in">
      <form className="sign-in-form" onSubmit={(event) => void submit(event)}>
        <h1 className="sign-in-title">
          <Logo /> Reachability
        </h1>
        <p className="muted">Who is online, and can a push reach them?</p>
        <label className="field">
          <span className="field-label">Account or API key SID</span>
          <input
            name="sid"
            type="text"
            required
            autoFocus
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            placeholder="AC… or SK…"
            aria-describedby={message === null ? undefined : 'sign-in-error'}
          />
        </label>
        <label className="field">
          <span className="field-label">Secret</span>
          <input
            name="secret"
            type="password"
            required
            autoComplete="current-password"
            aria-describedby={message === null ? undefined : 'sign-in-error'}
          />
        </label>
        <p className="error-text" id="sign-in-error" role="alert">
          {message}
        </p>
        <Button kind="primary" type="submit" isBusy={isBusy}>
          Sign in
        </Button>
        <p className="sign-in-hint">
          The first start of the server prints both. They are kept in memory only, and a reload of
          this page forgets them.
        </p>
      </form>
    </main>
  );
}

function inWords(error: unknown): string {
  if (!(error instanceof ApiError)) return 'The service cannot be reached. Try again.';
  if (error.status === 401) return 'Wrong SID or secret.';
  return error.message;
}
