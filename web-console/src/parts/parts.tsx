/** Small things that all pages use. */
import type { ReactNode } from 'react';
import { Link as RouterLink } from 'wouter';

export function Link({ to, children, current }: { to: string; children: ReactNode; current?: boolean }) {
  return (
    <RouterLink to={to} aria-current={current ? 'page' : undefined}>
      {children}
    </RouterLink>
  );
}

/** A state in a word, with a colour that only repeats it. */
export function State({ value }: { value: string }) {
  return <span className={`state state-${value}`}>{value}</span>;
}

export function Problem({ error }: { error: Error | null }) {
  return error ? (
    <p className="problem" role="alert">
      {error.message}
    </p>
  ) : null;
}

export function Empty({ children }: { children: ReactNode }) {
  return <p className="empty">{children}</p>;
}
