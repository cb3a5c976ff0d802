/** State that comes from the server. */
import { useCallback, useEffect, useState } from 'react';

export interface Loaded<T> {
  value: T | null;
  error: string | null;
  reload: () => void;
  set: (change: (value: T) => T) => void;
}

export function useLoaded<T>(load: () => Promise<T>, key: string): Loaded<T> {
  const [value, setValue] = useState<T | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [round, setRound] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key says when what is loaded is another thing
  useEffect(() => {
    let current = true;
    load().then(
      (loaded) => {
        if (current) {
          setValue(loaded);
          setError(null);
        }
      },
      (failure: Error) => current && setError(failure.message),
    );
    return () => {
      current = false;
    };
  }, [key, round]);
  const reload = useCallback(() => setRound((before) => before + 1), []);
  const set = useCallback(
    (change: (value: T) => T) => setValue((before) => (before === null ? null : change(before))),
    [],
  );
  return { value, error, reload, set };
}
