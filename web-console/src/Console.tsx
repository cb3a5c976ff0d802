/** The frame of the console: who is signed in, in which tenant, on which page. */
import { useEffect, useState } from 'react';
import { call, get, remember, type Session } from './api';
import { AppList } from './pages/AppList';
import { AppPage } from './pages/AppPage';
import { PoolPage } from './pages/PoolPage';
import { SignIn } from './pages/SignIn';
import { Link } from './parts/parts';
import { go, usePath } from './route';

export function Console() {
  const [session, setSession] = useState<Session | null | 'unknown'>('unknown');
  const path = usePath();
  const [, first = '', app, tab] = path.split('/');
  useEffect(() => {
    document.title = [app && decodeURIComponent(app), first === 'pool' && 'Pool', 'Mayfly'].filter(Boolean).join(' – ');
  }, [first, app]);
  useEffect(() => {
    // Asking for the tenants of nobody would be an error in the browser's console: the cookie cannot be seen from here.
    if (!window.localStorage.getItem('signed-in')) {
      setSession(null);
      return;
    }
    get<Session>('/session').then(
      (found) => setSession(remember(found)),
      () => setSession(null),
    );
  }, []);

  if (session === 'unknown') return <main aria-busy="true" />;
  if (session === null) {
    return (
      <SignIn
        onDone={(signedIn) => {
          window.localStorage.setItem('signed-in', 'yes');
          setSession(remember(signedIn));
        }}
      />
    );
  }

  const tenant = session.tenants[0]?.name ?? '';
  const signOut = async () => {
    await call('DELETE', '/session');
    window.localStorage.removeItem('signed-in');
    setSession(null);
    go('/');
  };
  return (
    <>
      <a className="skip" href="#main">
        Skip to the content
      </a>
      <header>
        <Link to="/">
          <strong>Mayfly</strong>
        </Link>
        <span className="tenant">{tenant}</span>
        <nav aria-label="Main">
          <Link to="/" current={first !== 'pool'}>
            Apps
          </Link>
          {session.operator && (
            <Link to="/pool" current={first === 'pool'}>
              Pool
            </Link>
          )}
        </nav>
        <span className="push">{session.user}</span>
        <button type="button" className="quiet" onClick={signOut}>
          Sign out
        </button>
      </header>
      <main id="main">
        {first === 'pool' && <PoolPage />}
        {first === 'apps' && app && (
          <AppPage key={app} tenant={tenant} name={decodeURIComponent(app)} tab={tab ?? 'overview'} />
        )}
        {first !== 'pool' && !(first === 'apps' && app) && <AppList tenant={tenant} />}
      </main>
    </>
  );
}
