/** All apps of the tenant, and a new one. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { type App, api, done } from '../data/api';
import { useSoon } from '../data/clock';
import { useLive } from '../data/live/tab';
import { appsQuery } from '../data/queries';
import { useTenant } from '../data/session';
import { Empty, Link, Problem, State } from '../parts/parts';

export function AppList() {
  const tenant = useTenant();
  const apps = useQuery(appsQuery(tenant));
  const reload = useSoon(500, () => void apps.refetch()); // Instances may come and go many times a second.
  useLive(tenant, null, 'app,release,instance', reload);
  return (
    <>
      <h1>Apps</h1>
      <Problem error={apps.error} />
      {apps.data?.length === 0 && <Empty>No app yet. Make one, then push to it.</Empty>}
      {!!apps.data?.length && <Table apps={apps.data} />}
      <NewApp tenant={tenant} />
    </>
  );
}

function Table({ apps }: { apps: App[] }) {
  return (
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
          {apps.map((app) => (
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
  );
}

function NewApp({ tenant }: { tenant: string }) {
  const queries = useQueryClient();
  const create = useMutation({
    mutationFn: (name: string) =>
      done(api.POST('/api/v1/tenants/{tenant}/apps', { params: { path: { tenant } }, body: { name } })),
    onSuccess: () => queries.invalidateQueries(appsQuery(tenant)),
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    create.mutate(String(new FormData(form).get('name')), { onSuccess: () => form.reset() });
  };
  return (
    <>
      <form className="row" onSubmit={submit}>
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
      <Problem error={create.error} />
    </>
  );
}
