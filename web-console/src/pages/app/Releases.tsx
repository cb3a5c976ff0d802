/** Releases, and the way back to one of them. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type AppRef, api, done } from '../../data/api';
import { useLive } from '../../data/live/tab';
import { releasesQuery } from '../../data/queries';
import { Empty, Problem, State } from '../../parts/parts';
import { ago } from '../../parts/text';

export function Releases({ at }: { at: AppRef }) {
  const releases = useQuery(releasesQuery(at));
  const queries = useQueryClient();
  useLive(at.tenant, at.app, 'release', () => void releases.refetch());
  const rollBack = useMutation({
    mutationFn: (version: number) =>
      done(api.POST('/api/v1/tenants/{tenant}/apps/{app}/rollback', { params: { path: at }, body: { version } })),
    onSuccess: () => queries.invalidateQueries(releasesQuery(at)),
  });
  return (
    <section>
      <h2>Releases</h2>
      <Problem error={releases.error ?? rollBack.error} />
      {releases.data?.length === 0 && <Empty>Nothing was released yet.</Empty>}
      {!!releases.data?.length && (
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
              {releases.data.map((each) => (
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
                      <button
                        type="button"
                        className="quiet"
                        disabled={rollBack.isPending}
                        onClick={() => rollBack.mutate(each.version)}
                      >
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
