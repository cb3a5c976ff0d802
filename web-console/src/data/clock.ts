/** Time that goes on, while somebody looks. */
import { useEffect, useRef, useState } from 'react';

/** Calls every so many milliseconds, but not for a page in the background; at once when it comes back. */
export function useEvery(millis: number, call: () => void) {
  const latest = useRef(call);
  latest.current = call;
  useEffect(() => {
    const tick = () => {
      if (!document.hidden) latest.current();
    };
    const timer = window.setInterval(tick, millis);
    document.addEventListener('visibilitychange', tick);
    return () => {
      window.clearInterval(timer);
      document.removeEventListener('visibilitychange', tick);
    };
  }, [millis]);
}

/** What it returns calls once within so many milliseconds, however often it is called until then. */
export function useSoon(millis: number, call: () => void): () => void {
  const latest = useRef(call);
  latest.current = call;
  const timer = useRef<number | undefined>(undefined);
  useEffect(() => () => window.clearTimeout(timer.current), []);
  return () => {
    timer.current ??= window.setTimeout(() => {
      timer.current = undefined;
      latest.current();
    }, millis);
  };
}

export function useNow(millis: number): number {
  const [now, setNow] = useState(Date.now);
  useEvery(millis, () => setNow(Date.now()));
  return now;
}

/** Gathers what comes many times a second, and hands it over together within so many milliseconds. */
export function useGathered<T>(millis: number, take: (gathered: T[]) => void): (one: T) => void {
  const gathered = useRef<T[]>([]);
  const takeSoon = useSoon(millis, () => {
    const all = gathered.current;
    gathered.current = [];
    take(all);
  });
  return (one) => {
    gathered.current.push(one);
    takeSoon();
  };
}
