/** One connection to the server's stream of events (server-sent events). It comes back by itself after a break. */
import { createEventSource } from 'eventsource-client';
import type { LiveEvent } from '../api';
import type { Want } from './events';

export interface Stream {
  /** The last event that arrived: another stream can go on after it. */
  readonly lastId: string | undefined;
  close(): void;
}

export interface Listener {
  /** Events from now on arrive. */
  onOpen(): void;
  /** The connection was lost, and is tried again. */
  onBreak(): void;
  onEvent(event: LiveEvent): void;
  /** Events may have been missed. */
  onGap(): void;
  /** The server does not want to be asked again. */
  onRefused(): void;
}

export type OpenStream = (want: Want, lastId: string | undefined, listener: Listener) => Stream;

/** Whoever has too many streams or whose server restarts may ask again; who is not signed in may not. */
const asksAgain = (status: number) => status >= 500 || status === 408 || status === 429;

export const openStream: OpenStream = (want, initialLastEventId, listener) => {
  const query = new URLSearchParams({ topics: want.topics.join(','), ...(want.app === null ? {} : { app: want.app }) });
  const path = `/api/v1/tenants/${encodeURIComponent(want.tenant)}/stream?${query}`;
  let closed = false;
  let opened = false;
  const source = createEventSource({
    url: new URL(path, location.origin),
    initialLastEventId,
    fetch: async (url, init) => {
      const response = await fetch(url, init as RequestInit);
      if (response.ok) return response;
      await response.body?.cancel();
      if (!asksAgain(response.status)) {
        close();
        listener.onRefused();
      }
      throw new Error(`the server answered ${response.status}`);
    },
    onConnect: () => {
      if (closed) return;
      // After a break and without an event before it, the server could not know where to go on.
      if (opened && source.lastEventId === undefined) listener.onGap();
      opened = true;
      listener.onOpen();
    },
    onScheduleReconnect: () => listener.onBreak(),
    onMessage: ({ event, data }) => {
      if (closed) return;
      if (event === 'gap') listener.onGap();
      else listener.onEvent(JSON.parse(data));
    },
  });
  const close = () => {
    closed = true;
    source.close();
  };
  return {
    get lastId() {
      return source.lastEventId;
    },
    close,
  };
};
