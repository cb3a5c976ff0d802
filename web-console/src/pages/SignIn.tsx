/** Sign in with name and password, or with a token. */
import { type FormEvent, useState } from 'react';
import { call, type Session } from '../api';
import { Problem } from '../parts/parts';

export function SignIn({ onDone }: { onDone: (session: Session) => void }) {
  const [withToken, setWithToken] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    try {
      onDone(await call<Session>('POST', '/session', Object.fromEntries(form)));
    } catch (failure) {
      setProblem((failure as Error).message);
      setBusy(false);
    }
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
        <Problem text={problem} />
        <button type="submit" disabled={busy}>
          Sign in
        </button>
        <button type="button" className="quiet" onClick={() => setWithToken(!withToken)}>
          {withToken ? 'Use name and password' : 'Use a token'}
        </button>
      </form>
    </main>
  );
}
