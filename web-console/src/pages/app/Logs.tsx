/** What the app prints. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { AppRef, LogLine } from '../../data/api';
import { useGathered } from '../../data/clock';
import { useLive } from '../../data/live/tab';
import { logsQuery } from '../../data/queries';
import { Lines } from '../../parts/Lines';
import { Empty, Problem } from '../../parts/parts';
import { clock } from '../../parts/text';

const LINES_MAX = 2000;
const LINES_MILLIS = 100;

export function Logs({ at }: { at: AppRef }) {
  const query = logsQuery(at);
  const logs = useQuery(query);
  const queries = useQueryClient();
  const [filter, setFilter] = useState('');
  const append = useGathered<LogLine>(LINES_MILLIS, (lines) =>
    queries.setQueryData(query.queryKey, (all) => all && [...all, ...lines].slice(-LINES_MAX)),
  );
  useLive(at.tenant, at.app, 'log', (event) => {
    if (event === null) void logs.refetch();
    else if (event.type === 'log.line') append(event.data);
  });
  const lines = (logs.data ?? [])
    .filter((each) => each.line.includes(filter))
    .map((each) => `${clock(each.at)}  ${each.instance.slice(-6)}  ${each.line}`);
  return (
    <section>
      <h2>Logs</h2>
      <Problem error={logs.error} />
      <label className="row">
        Only lines with
        <input value={filter} onChange={(event) => setFilter(event.target.value)} />
      </label>
      {logs.data?.length === 0 ? (
        <Empty>Nothing was printed yet.</Empty>
      ) : (
        <Lines lines={lines} label="Log of the app" />
      )}
    </section>
  );
}
