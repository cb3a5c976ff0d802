/** Releases, and the way back to one of them. */
import { useState } from 'react';
import { appPath, call, items, type Release } from '../api';
import { useLive } from '../live';
import { useLoaded } from '../loading';
import { Empty, Problem, State } from '../parts/parts';
import { ago } from '../text';

export function Releases({ tenant, app }: { tenant: string; app: string }) {
  const path = appPath(tenant, app);
  const releases = useLoaded(() => items<Release>(`${path}/releases`), path);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  useLive(tenant, app, 'release', () => releases.reload());
  const rollBack = async (version: number) => {
    setBusy(true);
    setProblem(null);
    try {
      await call('POST', `${path}/rollback`, { version });
      releases.reload();
    } catch (failure) {
      setProblem((failure as Error).message);
    } finally {
      setBusy(false);
    }
  };
  return (
    <section>
      <h2>Releases</h2>
      <Problem text={releases.error ?? problem} />
      {releases.value?.length === 0 && <Empty>Nothing was released yet.</Empty>}
      {!!releases.value?.length && (
        <div className="scroll">
          <table>
            <thead>
              <tr>
                <th scope="col">Release</th>
                <th scope="col">State</th>
                <th scope="col">What</th>
                <th scope="col">By</th>
                <th scope="col">When</th>
                <th scope="col">
                  <span className="hidden">Actions</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {releases.value.map((each) => (
                <tr key={each.id}>
                  <td>{each.id}</td>
                  <td>
                    <State value={each.state} />
                  </td>
                  <td className="long">{each.description}</td>
                  <td>{each.by}</td>
                  <td>{ago(each.createdAt)}</td>
                  <td>
                    {each.state === 'superseded' && (
                      <button type="button" className="quiet" disabled={busy} onClick={() => rollBack(each.version)}>
                        Roll back to {each.id}
                      </button>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
