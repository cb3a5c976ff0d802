/** The end of an app. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useLocation } from 'wouter';
import { type AppRef, api, done } from '../../data/api';
import { appKey } from '../../data/queries';
import { Dialog } from '../../parts/Dialog';
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
      <Dialog
        button={`Destroy ${at.app}…`}
        title={`Destroy ${at.app}?`}
        description="Type its name to say that you mean this one."
      >
        {(cancel) => (
          <form onSubmit={submit}>
            <label>
              The app's name
              <input value={name} onChange={(event) => setName(event.target.value)} autoComplete="off" />
            </label>
            <Problem error={destroy.error} />
            <div className="row">
              <button type="submit" className="danger" disabled={name !== at.app || destroy.isPending}>
                Destroy
              </button>
              {cancel}
            </div>
          </form>
        )}
      </Dialog>
    </section>
  );
}
