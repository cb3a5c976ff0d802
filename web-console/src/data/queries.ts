/** What pages ask the server for: each answer has a key, is held once and is shared by all parts of a page. */
import { QueryClient, queryOptions } from '@tanstack/react-query';
import { ApiError, type AppRef, api, done, remember } from './api';

const RETRIES = 2;

/** So many of the last dead instances are asked for: as many as a server keeps of an app. */
export const DEAD_KEPT = 100;
const LOG_LINES = 300;
const POOL_EVERY_MILLIS = 2000;

/** What the server refuses it refuses again; what did not get there may the next time. */
export const retries = (failures: number, error: Error) => !(error instanceof ApiError) && failures < RETRIES;

/** A server on one's own machine answers without a network. */
export function newQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: { retry: retries, networkMode: 'always' },
      mutations: { networkMode: 'always' },
    },
  });
}

const SIGNED_IN = 'signed-in';

/** Whether to ask who is signed in: the cookie cannot be seen, and to ask for nobody would be an error in the browser's log. */
export function rememberSignedIn(yes: boolean) {
  if (yes) window.localStorage.setItem(SIGNED_IN, 'yes');
  else window.localStorage.removeItem(SIGNED_IN);
}

export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: async () =>
    window.localStorage.getItem(SIGNED_IN) ? remember(await done(api.GET('/api/v1/session'))) : null,
  staleTime: Number.POSITIVE_INFINITY,
  retry: false,
});

export const appsQuery = (tenant: string) =>
  queryOptions({
    queryKey: ['apps', tenant],
    queryFn: async ({ signal }) =>
      (await done(api.GET('/api/v1/tenants/{tenant}/apps', { params: { path: { tenant } }, signal }))).items,
  });

/** The first words of all keys of one app. */
export const appKey = (at: AppRef) => ['app', at.tenant, at.app];

export const appQuery = (at: AppRef) =>
  queryOptions({
    queryKey: [...appKey(at), 'app'],
    queryFn: ({ signal }) => done(api.GET('/api/v1/tenants/{tenant}/apps/{app}', { params: { path: at }, signal })),
  });

export const instancesQuery = (at: AppRef) =>
  queryOptions({
    queryKey: [...appKey(at), 'instances'],
    queryFn: async ({ signal }) => {
      const params = { path: at, query: { dead: DEAD_KEPT } };
      return (await done(api.GET('/api/v1/tenants/{tenant}/apps/{app}/instances', { params, signal }))).items;
    },
  });

export const buildsQuery = (at: AppRef) =>
  queryOptions({
    queryKey: [...appKey(at), 'builds'],
    queryFn: async ({ signal }) =>
      (await done(api.GET('/api/v1/tenants/{tenant}/apps/{app}/builds', { params: { path: at }, signal }))).items,
  });

export const buildLogQuery = (at: AppRef, id: string) =>
  queryOptions({
    queryKey: [...appKey(at), 'build-log', id],
    queryFn: async ({ signal }) => {
      const params = { path: { ...at, id } };
      const text: string | undefined = await done(
        api.GET('/api/v1/tenants/{tenant}/apps/{app}/builds/{id}/log', { params, parseAs: 'text', signal }),
      );
      return (text ?? '').split('\n').slice(0, -1);
    },
    refetchOnWindowFocus: false, // It grows by live lines.
  });

export const releasesQuery = (at: AppRef) =>
  queryOptions({
    queryKey: [...appKey(at), 'releases'],
    queryFn: async ({ signal }) =>
      (await done(api.GET('/api/v1/tenants/{tenant}/apps/{app}/releases', { params: { path: at }, signal }))).items,
  });

export const configQuery = (at: AppRef) =>
  queryOptions({
    queryKey: [...appKey(at), 'config'],
    queryFn: ({ signal }) =>
      done(api.GET('/api/v1/tenants/{tenant}/apps/{app}/config', { params: { path: at }, signal })),
  });

export const logsQuery = (at: AppRef) =>
  queryOptions({
    queryKey: [...appKey(at), 'logs'],
    queryFn: async ({ signal }) => {
      const params = { path: at, query: { lines: LOG_LINES } };
      return (await done(api.GET('/api/v1/tenants/{tenant}/apps/{app}/logs', { params, signal }))).items;
    },
    refetchOnWindowFocus: false, // More lines than are asked for have come live.
  });

export const poolsQuery = queryOptions({
  queryKey: ['pools'],
  queryFn: async ({ signal }) => (await done(api.GET('/api/v1/pool', { signal }))).items,
  refetchInterval: POOL_EVERY_MILLIS, // Not in the background.
});
