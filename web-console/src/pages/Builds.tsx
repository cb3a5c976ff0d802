/** Builds, and the output of one of them while it grows. */
import { useEffect, useState } from 'react';
import { appPath, type Build, call, get, items } from '../api';
import { type LiveEvent, useLive } from '../live';
import { useLoaded } from '../loading';
import { Lines } from '../parts/Lines';
import { Empty, Problem, State } from '../parts/parts';
import { ago } from '../text';

export function Builds({ tenant, app }: { tenant: string; app: string }) {
  const path = `${appPath(tenant, app)}/builds`;
  const builds = useLoaded(() => items<Build>(path), path);
  const [chosen, setChosen] = useState<string | null>(null);
  const shown = chosen ?? builds.value?.[0]?.id ?? null;
  const [log, setLog] = useState<string[]>([]);
  const [problem, setProblem] = useState<string | null>(null);

  useEffect(() => {
    if (!shown) return;
    let current = true;
    get<string>(`${path}/${shown}/log`).then(
      (text) => current && setLog(text.split('\n').slice(0, -1)),
      (failure: Error) => current && setProblem(failure.message),
    );
    return () => {
      current = false;
    };
  }, [path, shown]);

  const receive = (event: LiveEvent | null) => {
    if (event?.type === 'build.line') {
      if (event.data.id === shown) setLog((lines) => [...lines, String(event.data.line)]);
    } else if (event?.type !== 'build.phase') {
      builds.reload();
    }
  };
  useLive(tenant, app, 'build', receive);

  const cancel = async (id: string) => {
    try {
      await call('POST', `${path}/${id}/cancel`);
    } catch (failure) {
      setProblem((failure as Error).message);
    }
  };
  const build = builds.value?.find((each) => each.id === shown);
  return (
    <section>
      <h2>Builds</h2>
      <Problem text={builds.error ?? problem} />
      {builds.value?.length === 0 && <Empty>Nothing was pushed yet.</Empty>}
      <div className="split">
        <ul className="choices">
          {builds.value?.map((each) => (
            <li key={each.id}>
              <button type="button" aria-pressed={each.id === shown} onClick={() => setChosen(each.id)}>
                <State value={each.state} /> <code>{each.commit.slice(0, 7)}</code> {ago(each.createdAt)}
              </button>
            </li>
          ))}
        </ul>
        {build && (
          <div>
            <p>
              <code>{build.id}</code> by {build.by}
              {build.release ? `, made v${build.release}` : ''}{' '}
              {(build.state === 'running' || build.state === 'queued') && (
                <button type="button" className="quiet" onClick={() => cancel(build.id)}>
                  Cancel
                </button>
              )}
            </p>
            {build.error && <Problem text={build.error.reason} />}
            <Lines lines={log} label="Output of the build" />
          </div>
        )}
      </div>
    </section>
  );
}
