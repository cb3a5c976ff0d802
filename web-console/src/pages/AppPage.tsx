/** One app: what runs, what was built and released, how it is set up. */
import { type App, appPath, get } from '../api';
import { useLive } from '../live';
import { useLoaded } from '../loading';
import { Link, Problem, State } from '../parts/parts';
import { Builds } from './Builds';
import { ConfigTab } from './ConfigTab';
import { Instances } from './Instances';
import { Logs } from './Logs';
import { Releases } from './Releases';
import { Settings } from './Settings';
import { TestRequest } from './TestRequest';

const TABS = ['overview', 'builds', 'releases', 'config', 'logs', 'test', 'settings'];

export function AppPage({ tenant, name, tab }: { tenant: string; name: string; tab: string }) {
  const path = appPath(tenant, name);
  const app = useLoaded(() => get<App>(path), path);
  useLive(tenant, name, 'build,release,app', (event) => {
    if (event?.type !== 'build.line' && event?.type !== 'build.phase') app.reload();
  });
  return (
    <>
      <h1>
        {name} {app.value && <State value={app.value.state} />}
      </h1>
      {app.value && (
        <p>
          <a href={app.value.url} target="_blank" rel="noreferrer">
            {app.value.url}
          </a>
          {app.value.release ? ` · v${app.value.release}` : ''}
        </p>
      )}
      <Problem text={app.error} />
      <nav className="tabs" aria-label="Parts of the app">
        {TABS.map((each) => (
          <Link key={each} to={`/apps/${name}/${each}`} current={each === tab}>
            {each}
          </Link>
        ))}
      </nav>
      {tab === 'overview' && <Instances tenant={tenant} app={name} gitUrl={app.value?.gitUrl} />}
      {tab === 'builds' && <Builds tenant={tenant} app={name} />}
      {tab === 'releases' && <Releases tenant={tenant} app={name} />}
      {tab === 'config' && <ConfigTab tenant={tenant} app={name} />}
      {tab === 'logs' && <Logs tenant={tenant} app={name} />}
      {tab === 'test' && <TestRequest tenant={tenant} app={name} />}
      {tab === 'settings' && <Settings tenant={tenant} app={name} />}
    </>
  );
}
