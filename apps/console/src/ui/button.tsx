import type { ButtonHTMLAttributes } from 'react';

interface Props extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly kind?: 'primary' | 'danger' | 'plain' | 'quiet';
  /** Whether what it started is under way: it cannot be pressed again until then. */
  readonly isBusy?: boolean;
}

export function Button({ kind = 'plain', isBusy = false, type = 'button', ...rest }: Props) {
  return (
    <button
      {...rest}
      type={type}
      className={`button button-${kind}`}
      aria-busy={isBusy}
      disabled={rest.disabled === true || isBusy}
    />
  );
}
