/** The end of an app. */
import { type FormEvent, useState } from 'react';
import { appPath, call } from '../api';
import { Problem } from '../parts/parts';
import { go } from '../route';

export function Settings({ tenant, app }: { tenant: string; app: string }) {
  const [name, setName] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const destroy = async (event: FormEvent) => {
    event.preventDefault();
    try {
      await call('DELETE', `${appPath(tenant, app)}?confirm=${encodeURIComponent(name)}`);
      go('/');
    } catch (failure) {
      setProblem((failure as Error).message);
    }
  };
  return (
    <section>
      <h2>Destroy this app</h2>
      <p>Its instances, releases, configuration, repository and logs go. There is no way back.</p>
      <form className="row" onSubmit={destroy}>
        <label>
          The app's name
          <input value={name} onChange={(event) => setName(event.target.value)} autoComplete="off" />
        </label>
        <button type="submit" className="danger" disabled={name !== app}>
          Destroy {app}
        </button>
      </form>
      <Problem text={problem} />
    </section>
  );
}
