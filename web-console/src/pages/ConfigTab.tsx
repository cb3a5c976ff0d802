/** The app's configuration. Each change is a new release without a build. */
import { type FormEvent, useState } from 'react';
import { appPath, type Config, call, get } from '../api';
import { useLoaded } from '../loading';
import { Empty, Problem } from '../parts/parts';

export function ConfigTab({ tenant, app }: { tenant: string; app: string }) {
  const path = `${appPath(tenant, app)}/config`;
  const config = useLoaded(() => get<Config>(path), path);
  const [shown, setShown] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const change = async (body: { set?: Record<string, string>; unset?: string[] }) => {
    setBusy(true);
    setProblem(null);
    try {
      await call('PATCH', path, body);
      config.reload();
    } catch (failure) {
      setProblem((failure as Error).message);
    } finally {
      setBusy(false);
    }
  };
  const add = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    event.currentTarget.reset();
    void change({ set: { [String(form.get('key'))]: String(form.get('value')) } });
  };
  const entries = Object.entries(config.value?.values ?? {}).sort();
  return (
    <section>
      <h2>Configuration</h2>
      <Problem text={config.error ?? problem} />
      {config.value && entries.length === 0 && <Empty>Nothing is set.</Empty>}
      {entries.length > 0 && (
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
                      <button type="button" className="quiet" disabled={busy} onClick={() => change({ unset: [key] })}>
                        Remove<span className="hidden"> {key}</span>
                      </button>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </>
      )}
      <form className="row" onSubmit={add}>
        <label>
          Key
          <input name="key" required pattern="[A-Za-z_][A-Za-z0-9_]*" autoComplete="off" />
        </label>
        <label>
          Value
          <input name="value" autoComplete="off" />
        </label>
        <button type="submit" disabled={busy}>
          {busy ? 'Releasing…' : 'Set'}
        </button>
      </form>
    </section>
  );
}
