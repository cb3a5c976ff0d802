/** This tab's end of the live events: tells the hub what its pages want and hands them what comes. */
import { useEffect, useRef } from 'react';
import type { LiveEvent } from '../api';
import { type FromTab, isWanted, type Topic, type ToTab, type Want } from './events';

const ALIVE_MILLIS = 30_000;

interface Page {
  want: Want;
  call: (event: LiveEvent | null) => void;
}

const pages = new Set<Page>();
let port: MessagePort | null = null;
let isToldSoon = false;

/** The port to the shared worker, or to a hub in this tab where browsers have no such worker. */
function connect() {
  if (typeof SharedWorker === 'undefined') {
    void serveAlone();
    return;
  }
  const worker = new SharedWorker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'mayfly-live' });
  worker.onerror = () => void serveAlone(); // It could not be loaded.
  listenTo(worker.port);
}

async function serveAlone() {
  const [{ Hub }, { openStream }] = await Promise.all([import('./hub'), import('./stream')]);
  const channel = new MessageChannel();
  new Hub(openStream).attach(channel.port1);
  listenTo(channel.port2);
}

function listenTo(to: MessagePort) {
  port = to;
  port.onmessage = ({ data }: MessageEvent<ToTab>) => receive(data);
  tell();
}

function receive(message: ToTab) {
  if ('event' in message) {
    for (const page of [...pages]) if (isWanted(message.event, page.want)) page.call(message.event);
    return;
  }
  const missed = new Set(message.gap.map((want) => JSON.stringify(want)));
  for (const page of [...pages]) if (missed.has(JSON.stringify(page.want))) page.call(null);
}

function tell() {
  const wants: FromTab = [...pages].map((page) => page.want);
  port?.postMessage(wants);
}

/** A page that goes and the one that comes in its place are told as one change. */
function tellSoon() {
  if (isToldSoon) return;
  isToldSoon = true;
  queueMicrotask(() => {
    isToldSoon = false;
    tell();
  });
}

function follow(page: Page): () => void {
  if (pages.size === 0 && !port) start();
  pages.add(page);
  tellSoon();
  return () => {
    pages.delete(page);
    tellSoon();
  };
}

function start() {
  connect();
  window.setInterval(() => {
    if (pages.size > 0) tell();
  }, ALIVE_MILLIS);
  window.addEventListener('pagehide', () => port?.postMessage([] satisfies FromTab));
  window.addEventListener('pageshow', (event) => {
    if (!event.persisted) return;
    tell();
    for (const page of [...pages]) page.call(null); // What happened while the browser kept it aside was not told.
  });
}

/**
 * Calls for each event that is wanted, and with null when some may have been missed: then the state must be asked for anew.
 *
 * @param topics first words of the events' types, with commas: a string, so that the same one is the same
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
    const want: Want = { tenant, app, topics: topics.split(',') as Topic[] };
    return follow({ want, call: (event) => latest.current(event) });
  }, [tenant, app, topics]);
}
