/** The pages of the console: one is a file in pages/ and a line in this table. Parts of an app's page: pages/app/tabs.ts. */
import type { ComponentType } from 'react';
import type { Session } from './data/api';
import { AppList } from './pages/AppList';
import { AppPage } from './pages/AppPage';
import { PoolPage } from './pages/PoolPage';

interface Page {
  /** Pattern of the path; what it names are the view's params. */
  path: string;
  view: ComponentType<{ params: Record<string, string | undefined> }>;
  /** Its entry in the main menu. */
  menu?: string;
  /** Paths that begin so are shown under this entry too. */
  also?: string;
  /** Who sees the entry; all, if absent. The server decides who may see the page. */
  isFor?: (session: Session) => boolean;
}

/** In the order of the menu. The first is shown for every path that is none. */
export const PAGES: [Page, ...Page[]] = [
  { path: '/', view: AppList, menu: 'Apps', also: '/apps/' },
  { path: '/apps/:app/:tab?', view: AppPage },
  { path: '/pool', view: PoolPage, menu: 'Pool', isFor: (session) => session.operator },
];

/** The entry of the menu under which a path is; for a path that is none, the first. */
export function entryOf(path: string): Page {
  return PAGES.find((page) => page.menu && (page.path === path || path.startsWith(page.also ?? '?'))) ?? PAGES[0];
}
