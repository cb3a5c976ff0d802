/** All apps of the tenant, and a new one. */
import { type FormEvent, useState } from 'react';
import { type App, call, items } from '../api';
import { useSoon } from '../clock';
import { useLive } from '../live';
import { useLoaded } from '../loading';
import { Empty, Link, Problem, State } from '../parts/parts';

export function AppList({ tenant }: { tenant: string }) {
  const path = `/tenants/${encodeURIComponent(tenant)}/apps`;
  const apps = useLoaded(() => items<App>(path), tenant);
  const [problem, setProblem] = useState<string | null>(null);
  const reload = useSoon(500, apps.reload); // Instances may come and go many times a second.
  useLive(tenant, null, 'app,release,instance', reload);
  const create = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    try {
      await call('POST', path, { name: new FormData(form).get('name') });
      form.reset();
      setProblem(null);
      apps.reload();
    } catch (failure) {
      setProblem((failure as Error).message);
    }
  };
  return (
    <>
      <h1>Apps</h1>
      <Problem text={apps.error} />
      {apps.value?.length === 0 && <Empty>No app yet. Make one, then push to it.</Empty>}
      {!!apps.value?.length && (
        <div className="scroll">
          <table>
            <thead>
              <tr>
                <th scope="col">Name</th>
                <th scope="col">State</th>
                <th scope="col">Release</th>
                <th scope="col">Instances</th>
                <th scope="col">URL</th>
              </tr>
            </thead>
            <tbody>
              {apps.value.map((app) => (
                <tr key={app.name}>
                  <td>
                    <Link to={`/apps/${app.name}`}>{app.name}</Link>
                  </td>
                  <td>
                    <State value={app.state} />
                  </td>
                  <td>{app.release ? `v${app.release}` : '–'}</td>
                  <td>{app.instances}</td>
                  <td>
                    <a href={app.url} target="_blank" rel="noreferrer">
                      {app.url}
                    </a>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <form className="row" onSubmit={create}>
        <label>
          New app
          <input
            name="name"
            placeholder="name"
            required
            pattern="[a-z]([a-z0-9\-]{0,38}[a-z0-9])?"
            autoComplete="off"
          />
        </label>
        <button type="submit">Create</button>
      </form>
      <Problem text={problem} />
    </>
  );
}
