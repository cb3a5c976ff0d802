/** Live events over server-sent events. */
import { useEffect, useRef } from 'react';

export interface LiveEvent {
  tenant: string;
  app: string;
  type: string;
  at: string;
  data: Record<string, unknown>;
}

const TYPES = [
  'app.created',
  'app.destroyed',
  'build.queued',
  'build.started',
  'build.phase',
  'build.line',
  'build.ended',
  'release.created',
  'release.live',
  'instance.changed',
  'log.line',
];

/**
 * Calls for each event, and with null when events may have been missed: then the state must be asked for anew. The browser
 * comes back by itself after a break.
 */
export function useLive(
  tenant: string,
  app: string | null,
  topics: string,
  onEvent: (event: LiveEvent | null) => void,
) {
  const latest = useRef(onEvent);
  latest.current = onEvent;
  useEffect(() => {
    const query = new URLSearchParams({ topics, ...(app ? { app } : {}) });
    const source = new EventSource(`/api/v1/tenants/${encodeURIComponent(tenant)}/stream?${query}`);
    const receive = (message: MessageEvent<string>) => latest.current(JSON.parse(message.data));
    for (const type of TYPES) source.addEventListener(type, receive);
    source.addEventListener('gap', () => latest.current(null));
    return () => source.close();
  }, [tenant, app, topics]);
}
