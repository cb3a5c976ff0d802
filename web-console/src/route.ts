/** Where the person is: the path of the page. */
import { useSyncExternalStore } from 'react';

const listeners = new Set<() => void>();
window.addEventListener('popstate', () => {
  for (const each of listeners) each();
});

export function go(path: string) {
  if (path !== window.location.pathname) {
    window.history.pushState(null, '', path);
    for (const each of listeners) each();
  }
}

export function usePath(): string {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => window.location.pathname,
  );
}
