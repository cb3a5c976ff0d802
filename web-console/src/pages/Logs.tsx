/** What the app prints. */
import { useState } from 'react';
import { appPath, items, type LogLine } from '../api';
import { useLive } from '../live';
import { useLoaded } from '../loading';
import { Lines } from '../parts/Lines';
import { Empty, Problem } from '../parts/parts';
import { clock } from '../text';

const LINES_MAX = 2000;

export function Logs({ tenant, app }: { tenant: string; app: string }) {
  const path = `${appPath(tenant, app)}/logs?lines=300`;
  const logs = useLoaded(() => items<LogLine>(path), path);
  const [filter, setFilter] = useState('');
  useLive(tenant, app, 'log', (event) =>
    event ? logs.set((all) => [...all, event.data as unknown as LogLine].slice(-LINES_MAX)) : logs.reload(),
  );
  const lines = (logs.value ?? [])
    .filter((each) => each.line.includes(filter))
    .map((each) => `${clock(each.at)}  ${each.instance.slice(-6)}  ${each.line}`);
  return (
    <section>
      <h2>Logs</h2>
      <Problem text={logs.error} />
      <label className="row">
        Only lines with
        <input value={filter} onChange={(event) => setFilter(event.target.value)} />
      </label>
      {logs.value?.length === 0 ? (
        <Empty>Nothing was printed yet.</Empty>
      ) : (
        <Lines lines={lines} label="Log of the app" />
      )}
    </section>
  );
}
