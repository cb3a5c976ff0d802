/** The frame of the console: who is signed in, in which tenant, on which page. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { Route, Switch, useLocation } from 'wouter';
import { api, done } from './data/api';
import { rememberSignedIn, sessionQuery } from './data/queries';
import { SessionProvider, useSession, useTenant } from './data/session';
import { SignIn } from './pages/SignIn';
import { Link } from './parts/parts';
import { entryOf, PAGES } from './routes';

export function Console() {
  const { data: session, isPending } = useQuery(sessionQuery);
  if (isPending) return <main aria-busy="true" />;
  if (!session) return <SignIn />;
  return (
    <SessionProvider value={session}>
      <a className="skip" href="#main">
        Skip to the content
      </a>
      <Header />
      <main id="main">
        <Switch>
          {PAGES.map(({ path, view }) => (
            <Route key={path} path={path} component={view} />
          ))}
          <Route component={PAGES[0].view} />
        </Switch>
      </main>
    </SessionProvider>
  );
}

function Header() {
  const session = useSession();
  const tenant = useTenant();
  const [path, go] = useLocation();
  const queries = useQueryClient();
  const entries = PAGES.filter((page) => page.menu && (page.isFor?.(session) ?? true));
  const current = entryOf(path);
  useEffect(() => {
    const app = path.startsWith('/apps/') && path.split('/')[2];
    document.title = [app, current !== PAGES[0] && current.menu, 'Mayfly'].filter(Boolean).join(' – ');
  }, [path, current]);
  const signOut = async () => {
    await done(api.DELETE('/api/v1/session'));
    rememberSignedIn(false);
    go('/');
    queries.setQueryData(sessionQuery.queryKey, null); // No page is left that would ask for anything.
    queries.removeQueries({ predicate: (query) => query.queryKey[0] !== sessionQuery.queryKey[0] });
  };
  return (
    <header>
      <Link to="/">
        <strong>Mayfly</strong>
      </Link>
      <span className="tenant">{tenant}</span>
      <nav aria-label="Main">
        {entries.map((page) => (
          <Link key={page.path} to={page.path} current={page === current}>
            {page.menu}
          </Link>
        ))}
      </nav>
      <span className="push">{session.user}</span>
      <button type="button" className="quiet" onClick={signOut}>
        Sign out
      </button>
    </header>
  );
}
