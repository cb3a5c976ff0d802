/** The app's configuration. Each change is a new release without a build. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { type AppRef, api, type ConfigChange, done } from '../../data/api';
import { configQuery } from '../../data/queries';
import { Empty, Problem } from '../../parts/parts';

export function Config({ at }: { at: AppRef }) {
  const config = useQuery(configQuery(at));
  const queries = useQueryClient();
  const change = useMutation({
    mutationFn: (body: ConfigChange) =>
      done(api.PATCH('/api/v1/tenants/{tenant}/apps/{app}/config', { params: { path: at }, body })),
    onSuccess: () => queries.invalidateQueries(configQuery(at)),
  });
  const add = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    event.currentTarget.reset();
    change.mutate({ set: { [String(form.get('key'))]: String(form.get('value')) } });
  };
  const remove = (key: string) => change.mutate({ unset: [key] });
  const entries = Object.entries(config.data?.values ?? {}).sort();
  return (
    <section>
      <h2>Configuration</h2>
      <Problem error={config.error ?? change.error} />
      {config.data && entries.length === 0 && <Empty>Nothing is set.</Empty>}
      {entries.length > 0 && <Values entries={entries} isBusy={change.isPending} remove={remove} />}
      <form className="row" onSubmit={add}>
        <label>
          Key
          <input name="key" required pattern="[A-Za-z_][A-Za-z0-9_]*" autoComplete="off" />
        </label>
        <label>
          Value
          <input name="value" autoComplete="off" />
        </label>
        <button type="submit" disabled={change.isPending}>
          {change.isPending ? 'Releasing…' : 'Set'}
        </button>
      </form>
    </section>
  );
}

function Values(props: { entries: [string, string][]; isBusy: boolean; remove: (key: string) => void }) {
  const { entries, isBusy, remove } = props;
  const [shown, setShown] = useState(false);
  return (
    <>
      <button type="button" className="quiet" aria-pressed={shown} onClick={() => setShown(!shown)}>
        {shown ? 'Hide values' : 'Show values'}
      </button>
      <div className="scroll">
        <table>
          <tbody>
            {entries.map(([key, value]) => (
              <tr key={key}>
                <th scope="row">
                  <code>{key}</code>
                </th>
                <td className="long">
                  <code>{shown ? value : '••••••'}</code>
                </td>
                <td>
                  <button type="button" className="quiet" disabled={isBusy} onClick={() => remove(key)}>
                    Remove<span className="hidden"> {key}</span>
                  </button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}
