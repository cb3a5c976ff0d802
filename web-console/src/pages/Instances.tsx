/** Life and death of instances, while it happens. */
import { appPath, type Instance, items } from '../api';
import { useLive } from '../live';
import { useLoaded } from '../loading';
import { Empty, Problem, State } from '../parts/parts';
import { ago } from '../text';

const SHOWN_MAX = 40;

/** Puts a changed instance where it belongs: living ones first, newest first. */
export function placed(all: Instance[], changed: Instance): Instance[] {
  const rest = all.filter((each) => each.id !== changed.id);
  return [changed, ...rest]
    .sort(
      (one, other) =>
        Number(one.state === 'reaped') - Number(other.state === 'reaped') || other.bornAt.localeCompare(one.bornAt),
    )
    .slice(0, SHOWN_MAX);
}

export function Instances({ tenant, app, gitUrl }: { tenant: string; app: string; gitUrl?: string }) {
  const path = `${appPath(tenant, app)}/instances`;
  const instances = useLoaded(() => items<Instance>(path), path);
  useLive(tenant, app, 'instance', (event) =>
    event ? instances.set((all) => placed(all, event.data as unknown as Instance)) : instances.reload(),
  );
  return (
    <section>
      <h2>Instances</h2>
      <Problem text={instances.error} />
      {instances.value?.length === 0 && (
        <Empty>
          Nothing runs and nothing has. The next request starts an instance.
          {gitUrl && (
            <>
              {' '}
              To deploy: <code>git push {gitUrl} main</code>
            </>
          )}
        </Empty>
      )}
      {!!instances.value?.length && (
        <div className="scroll">
          <table>
            <thead>
              <tr>
                <th scope="col">Instance</th>
                <th scope="col">State</th>
                <th scope="col">Release</th>
                <th scope="col">Born</th>
                <th scope="col">Requests</th>
                <th scope="col">Death</th>
                <th scope="col">Server</th>
              </tr>
            </thead>
            <tbody>
              {instances.value.map((each) => (
                <tr key={each.id} className={each.state === 'reaped' ? 'dead' : undefined}>
                  <td>
                    <code>{each.id}</code>
                  </td>
                  <td>
                    <State value={each.state} />
                  </td>
                  <td>{each.release}</td>
                  <td>{ago(each.bornAt)}</td>
                  <td>
                    {each.served}
                    {each.active > 0 && ` (${each.active} now)`}
                  </td>
                  <td className="long">
                    {each.diedOf ?? ''}
                    {each.diedOf && each.diedAt && `, ${ago(each.diedAt)}`}
                    {each.detail && each.detail !== each.diedOf && `: ${each.detail}`}
                  </td>
                  <td>{each.server}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
