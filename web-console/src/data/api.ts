/**
 * The server's HTTP API, typed by its own document: paths, parameters, bodies and answers come from openapi.yaml by
 * `npm run types`. Nothing of it is written here by hand.
 */

import createClient from 'openapi-fetch';
import type { components, paths } from '#openapi';

type Schemas = components['schemas'];
export type Session = Schemas['Session'];
export type SignIn = Schemas['SignIn'];
export type App = Schemas['App'];
export type Release = Schemas['Release'];
export type Build = Schemas['Build'];
export type Instance = Schemas['Instance'];
export type Stage = Schemas['LifeStep']['stage'];
export type Pool = Schemas['Pool'];
export type LiveEvent = Schemas['LiveEvent'];
export type LogLine = Schemas['LogLine'];
export type ConfigChange = Schemas['ConfigChange'];
export type TestRequest = Schemas['TestRequest'];
type Problem = Schemas['Problem'];

/** Which app: the parameters of its paths. */
export interface AppRef {
  tenant: string;
  app: string;
}

/** What the server says went wrong (RFC 9457). */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

export const api = createClient<paths>({ headers: { accept: 'application/json, text/plain' } });

let csrf = '';

/** Changes carry the session's secret, which no other site can know. */
export function remember(session: Session): Session {
  csrf = session.csrf;
  return session;
}

api.use({
  onRequest({ request }) {
    if (request.method !== 'GET') request.headers.set('x-mayfly-csrf', csrf);
    return request;
  },
});

/** The answer's body; what is not a success is thrown as an ApiError. */
export async function done<T>(call: Promise<{ data?: T; error?: Problem; response: Response }>): Promise<T> {
  const { data, error, response } = await call;
  if (!response.ok) {
    const { code = '', detail = `the server answered ${response.status}` } = error ?? {};
    throw new ApiError(response.status, code, detail);
  }
  return data as T;
}
