/** Small things that all pages use. */
import type { MouseEvent, ReactNode } from 'react';
import { go } from '../route';

export function Link({ to, children, current }: { to: string; children: ReactNode; current?: boolean }) {
  const click = (event: MouseEvent) => {
    if (!event.metaKey && !event.ctrlKey && !event.shiftKey && event.button === 0) {
      event.preventDefault();
      go(to);
    }
  };
  return (
    <a href={to} onClick={click} aria-current={current ? 'page' : undefined}>
      {children}
    </a>
  );
}

/** A state in a word, with a colour that only repeats it. */
export function State({ value }: { value: string }) {
  return <span className={`state state-${value}`}>{value}</span>;
}

export function Problem({ text }: { text: string | null }) {
  return text ? (
    <p className="problem" role="alert">
      {text}
    </p>
  ) : null;
}

export function Empty({ children }: { children: ReactNode }) {
  return <p className="empty">{children}</p>;
}
