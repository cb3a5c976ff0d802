/** Sign in with name and password, or with a token. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api, done, remember, type SignIn as Secrets } from '../data/api';
import { rememberSignedIn, sessionQuery } from '../data/queries';
import { Problem } from '../parts/parts';

export function SignIn() {
  const [withToken, setWithToken] = useState(false);
  const queries = useQueryClient();
  const signIn = useMutation({
    mutationFn: (body: Secrets) => done(api.POST('/api/v1/session', { body })),
    onSuccess: (session) => {
      rememberSignedIn(true);
      queries.setQueryData(sessionQuery.queryKey, remember(session));
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    signIn.mutate(Object.fromEntries(new FormData(event.currentTarget)) as Secrets);
  };
  return (
    <main className="sign-in">
      <h1>Mayfly</h1>
      <form onSubmit={submit}>
        {withToken ? (
          <label>
            Token
            <input name="token" type="password" autoComplete="off" required />
          </label>
        ) : (
          <>
            <label>
              Name
              <input name="name" autoComplete="username" required />
            </label>
            <label>
              Password
              <input name="password" type="password" autoComplete="current-password" required />
            </label>
          </>
        )}
        <Problem error={signIn.error} />
        <button type="submit" disabled={signIn.isPending}>
          Sign in
        </button>
        <button type="button" className="quiet" onClick={() => setWithToken(!withToken)}>
          {withToken ? 'Use name and password' : 'Use a token'}
        </button>
      </form>
    </main>
  );
}
