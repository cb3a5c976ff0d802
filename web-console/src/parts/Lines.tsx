/** Lines of output that stay at their end while they grow, unless the person has scrolled up. */
import { useEffect, useRef } from 'react';
import { plain } from './text';

export function Lines({ lines, label }: { lines: string[]; label: string }) {
  const box = useRef<HTMLPreElement>(null);
  const atEnd = useRef(true);
  // biome-ignore lint/correctness/useExhaustiveDependencies: more lines are the reason to scroll
  useEffect(() => {
    if (box.current && atEnd.current) box.current.scrollTop = box.current.scrollHeight;
  }, [lines]);
  const scrolled = () => {
    const it = box.current;
    if (it) atEnd.current = it.scrollHeight - it.scrollTop - it.clientHeight < 40;
  };
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable with the keyboard
    <pre className="lines" ref={box} onScroll={scrolled} tabIndex={0} role="log" aria-label={label}>
      {lines.map(plain).join('\n')}
    </pre>
  );
}
