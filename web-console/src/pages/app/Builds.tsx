/** Builds, and the output of one of them while it grows. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { type AppRef, api, type Build, done } from '../../data/api';
import { useGathered } from '../../data/clock';
import { useLive } from '../../data/live/tab';
import { buildLogQuery, buildsQuery } from '../../data/queries';
import { Lines } from '../../parts/Lines';
import { Empty, Problem, State } from '../../parts/parts';
import { ago } from '../../parts/text';

const LINES_MILLIS = 100;

export function Builds({ at }: { at: AppRef }) {
  const builds = useQuery(buildsQuery(at));
  const [chosen, setChosen] = useState<string | null>(null);
  const build = builds.data?.find((each) => each.id === (chosen ?? builds.data[0]?.id));
  useLive(at.tenant, at.app, 'build', (event) => {
    if (event?.type !== 'build.line' && event?.type !== 'build.phase') void builds.refetch();
  });
  return (
    <section>
      <h2>Builds</h2>
      <Problem error={builds.error} />
      {builds.data?.length === 0 && <Empty>Nothing was pushed yet.</Empty>}
      <div className="split">
        <ul className="choices">
          {builds.data?.map((each) => (
            <li key={each.id}>
              <button type="button" aria-pressed={each === build} onClick={() => setChosen(each.id)}>
                <State value={each.state} /> <code>{each.commit.slice(0, 7)}</code> {ago(each.createdAt)}
              </button>
            </li>
          ))}
        </ul>
        {build && <OneBuild key={build.id} at={at} build={build} />}
      </div>
    </section>
  );
}

function OneBuild({ at, build }: { at: AppRef; build: Build }) {
  const query = buildLogQuery(at, build.id);
  const log = useQuery(query);
  const queries = useQueryClient();
  const append = useGathered<string>(LINES_MILLIS, (lines) =>
    queries.setQueryData(query.queryKey, (all) => all && [...all, ...lines]),
  );
  useLive(at.tenant, at.app, 'build', (event) => {
    if (event === null) void log.refetch();
    else if (event.type === 'build.line' && event.data.id === build.id) append(event.data.line);
  });
  const cancel = useMutation({
    mutationFn: () => {
      const params = { path: { ...at, id: build.id } };
      return done(api.POST('/api/v1/tenants/{tenant}/apps/{app}/builds/{id}/cancel', { params }));
    },
  });
  return (
    <div>
      <p>
        <code>{build.id}</code> by {build.by}
        {build.release ? `, made v${build.release}` : ''}{' '}
        {(build.state === 'running' || build.state === 'queued') && (
          <button type="button" className="quiet" onClick={() => cancel.mutate()}>
            Cancel
          </button>
        )}
      </p>
      <Problem error={log.error ?? cancel.error} />
      {build.error && (
        <p className="problem" role="alert">
          {build.error.reason}
        </p>
      )}
      <Lines lines={log.data ?? []} label="Output of the build" />
    </div>
  );
}
