/** The server's HTTP API as the console uses it. Shapes as in openapi.yaml. */
import type { Stage } from './life';

export interface Session {
  user: string;
  csrf: string;
  tenants: { name: string; role: string }[];
  operator: boolean;
}
export interface App {
  name: string;
  tenant: string;
  url: string;
  gitUrl: string;
  kind?: string;
  state: 'empty' | 'building' | 'live' | 'failed';
  release?: number;
  instances: number;
  createdAt: string;
}
export interface Release {
  id: string;
  version: number;
  state: string;
  description: string;
  by: string;
  createdAt: string;
}
export interface Build {
  id: string;
  state: 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled';
  commit: string;
  by: string;
  createdAt: string;
  endedAt: string | null;
  phases: { name: string; ms: number }[];
  error: { code: string; phase: string; reason: string } | null;
  release: number | null;
}
export interface Instance {
  id: string;
  app: string;
  release: string;
  state: 'starting' | 'ready' | 'frozen' | 'draining' | 'reaped';
  runtime: string;
  server: string;
  active: number;
  served: number;
  bornAt: string;
  boundAt: string | null;
  readyAt: string | null;
  diedAt: string | null;
  diedOf: string | null;
  detail: string | null;
  life: { stage: Stage; since: string }[];
}
export interface Pool {
  server: string;
  instances: Record<string, number>;
  generics: {
    kind: string;
    ready: number;
    starting: number;
    target: number;
    refillMs: number;
    claims: number;
    misses: number;
  }[];
  genericClaims: number;
  genericMisses: number;
  starts: number;
  waiting: number;
  claims: Record<string, number>;
  misses: number;
  memoryMib: number;
  memoryFreeMib: number | null;
  caps: {
    instances: number;
    tenantInstances: number;
    releaseInstances: number;
    starts: number;
    memoryMib: number;
    tenantMemoryMib: number;
    memoryReserveMib: number;
    waiting: number;
    genericOfKind: number;
  };
}
export interface LogLine {
  at: string;
  instance: string;
  stream: string;
  line: string;
}
export interface Config {
  version: number;
  values: Record<string, string>;
}
export interface TestAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
  durationMs: number;
  start?: string;
  instance?: string;
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

let csrf = '';

export function remember(session: Session): Session {
  csrf = session.csrf;
  return session;
}

export async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  const response = await fetch(`/api/v1${path}`, {
    method,
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(method === 'GET' ? {} : { 'x-mayfly-csrf': csrf }),
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await response.text();
  const isJson = (response.headers.get('content-type') ?? '').includes('json');
  if (!response.ok) {
    const problem = isJson ? JSON.parse(text) : {};
    throw new ApiError(response.status, problem.code ?? '', problem.detail ?? `the server answered ${response.status}`);
  }
  return (isJson ? JSON.parse(text) : text) as T;
}

export const get = <T>(path: string) => call<T>('GET', path);

export const items = async <T>(path: string) => (await get<{ items: T[] }>(path)).items;

export function appPath(tenant: string, app: string): string {
  return `/tenants/${encodeURIComponent(tenant)}/apps/${encodeURIComponent(app)}`;
}
