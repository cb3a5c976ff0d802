/** The end of an app. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useLocation } from 'wouter';
import { type AppRef, api, done } from '../../data/api';
import { appKey } from '../../data/queries';
import { Problem } from '../../parts/parts';

export function Settings({ at }: { at: AppRef }) {
  const [name, setName] = useState('');
  const [, go] = useLocation();
  const queries = useQueryClient();
  const destroy = useMutation({
    mutationFn: () =>
      done(api.DELETE('/api/v1/tenants/{tenant}/apps/{app}', { params: { path: at, query: { confirm: name } } })),
    onSuccess: () => {
      go('/');
      queries.removeQueries({ queryKey: appKey(at) });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    destroy.mutate();
  };
  return (
    <section>
      <h2>Destroy this app</h2>
      <p>Its instances, releases, configuration, repository and logs go. There is no way back.</p>
      <form className="row" onSubmit={submit}>
        <label>
          The app's name
          <input value={name} onChange={(event) => setName(event.target.value)} autoComplete="off" />
        </label>
        <button type="submit" className="danger" disabled={name !== at.app || destroy.isPending}>
          Destroy {at.app}
        </button>
      </form>
      <Problem error={destroy.error} />
    </section>
  );
}
