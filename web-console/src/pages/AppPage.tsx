/** One app: what runs, what was built and released, how it is set up. */
import { useQuery } from '@tanstack/react-query';
import type { AppRef } from '../data/api';
import { useLive } from '../data/live/tab';
import { appQuery } from '../data/queries';
import { useTenant } from '../data/session';
import { Link, Problem, State } from '../parts/parts';
import { TABS } from './app/tabs';

export function AppPage({ params }: { params: { app?: string; tab?: string } }) {
  const { app = '', tab = TABS[0].name } = params;
  const at = { tenant: useTenant(), app };
  const View = TABS.find((each) => each.name === tab)?.view;
  return (
    <>
      <Head key={app} at={at} />
      <nav className="tabs" aria-label="Parts of the app">
        {TABS.map(({ name }) => (
          <Link key={name} to={`/apps/${app}/${name}`} current={name === tab}>
            {name}
          </Link>
        ))}
      </nav>
      {View && <View key={app} at={at} />}
    </>
  );
}

function Head({ at }: { at: AppRef }) {
  const app = useQuery(appQuery(at));
  useLive(at.tenant, at.app, 'app,build,release', (event) => {
    if (event?.type !== 'build.line' && event?.type !== 'build.phase') void app.refetch();
  });
  return (
    <>
      <h1>
        {at.app} {app.data && <State value={app.data.state} />}
      </h1>
      {app.data && (
        <p>
          <a href={app.data.url} target="_blank" rel="noreferrer">
            {app.data.url}
          </a>
          {app.data.release ? ` · v${app.data.release}` : ''}
        </p>
      )}
      <Problem error={app.error} />
    </>
  );
}
