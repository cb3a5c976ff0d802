import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { LiveEvent } from '../api';
import type { FromTab, ToTab, Want } from './events';
import { Hub, type Port } from './hub';
import type { Listener } from './stream';

class FakeStream {
  lastId: string | undefined;
  isClosed = false;
  constructor(
    readonly want: Want,
    readonly after: string | undefined,
    readonly listener: Listener,
  ) {}
  open() {
    this.lastId ??= this.after;
    this.listener.onOpen();
  }
  event(id: string, event: LiveEvent) {
    this.lastId = id;
    this.listener.onEvent(event);
  }
  close() {
    this.isClosed = true;
  }
}

class FakeTab implements Port {
  onmessage: Port['onmessage'] = null;
  readonly told: ToTab[] = [];
  constructor(hub: Hub) {
    hub.attach(this);
  }
  postMessage(message: ToTab) {
    this.told.push(message);
  }
  wants(...wants: FromTab) {
    this.onmessage?.({ data: wants } as MessageEvent<FromTab>);
  }
}

const want = (app: string | null, ...topics: Want['topics']): Want => ({ tenant: 'local', app, topics });
const line = (app: string): LiveEvent => ({
  tenant: 'local',
  app,
  at: '2026-01-01T00:00:00Z',
  type: 'build.line',
  data: { id: 'bld_1', line: 'x' },
});

let streams: FakeStream[];
let hub: Hub;
const living = () => streams.filter((each) => !each.isClosed);
const newest = () => streams.at(-1) as FakeStream;

beforeEach(() => {
  vi.useFakeTimers();
  streams = [];
  hub = new Hub((of, after, listener) => {
    const stream = new FakeStream(of, after, listener);
    streams.push(stream);
    return stream;
  });
});
afterEach(() => {
  vi.useRealTimers();
});

it('six tabs have one stream, which brings what all of them want', () => {
  for (const app of ['a', 'b', 'c', 'd', 'e', 'f']) new FakeTab(hub).wants(want(app, 'build'), want(app, 'log'));
  expect(living()).toHaveLength(1);
  expect(newest().want).toEqual(want(null, 'build', 'log'));
});

it('each tab gets what it wants and nothing else', () => {
  const [one, other] = [new FakeTab(hub), new FakeTab(hub)];
  one.wants(want('a', 'build'));
  other.wants(want('b', 'build'), want('a', 'log'));
  newest().open();
  one.told.length = 0;
  other.told.length = 0;
  newest().event('1', line('a'));
  expect(one.told).toEqual([{ event: line('a') }]);
  expect(other.told).toEqual([]);
});

it('who comes before the stream is open is told that something may have been missed, once', () => {
  const tab = new FakeTab(hub);
  tab.wants(want('a', 'build'));
  expect(tab.told).toEqual([]);
  newest().open();
  expect(tab.told).toEqual([{ gap: [want('a', 'build')] }]);
  newest().listener.onBreak();
  newest().open();
  expect(tab.told).toHaveLength(1);
});

it('who comes to an open stream that covers it has missed nothing', () => {
  new FakeTab(hub).wants(want(null, 'build', 'log'));
  newest().open();
  const tab = new FakeTab(hub);
  tab.wants(want('a', 'build'));
  expect(tab.told).toEqual([]);
  expect(streams).toHaveLength(1);
});

it('a wider stream goes on after the last event of the one before: only what is new has missed something', () => {
  const tab = new FakeTab(hub);
  tab.wants(want('a', 'build'));
  newest().open();
  newest().event('7', line('a'));
  tab.told.length = 0;
  tab.wants(want('a', 'build'), want('a', 'log'));
  expect(living()).toHaveLength(1);
  expect(newest().after).toBe('7');
  newest().open();
  expect(tab.told).toEqual([{ gap: [want('a', 'log')] }]);
});

it('a wider stream before any event does not know where to go on: all may have missed something', () => {
  const tab = new FakeTab(hub);
  tab.wants(want('a', 'build'));
  newest().open();
  tab.told.length = 0;
  tab.wants(want('a', 'build'), want('a', 'log'));
  newest().open();
  expect(tab.told).toEqual([{ gap: [want('a', 'build'), want('a', 'log')] }]);
});

it('the server’s gap is every tab’s', () => {
  const [one, other] = [new FakeTab(hub), new FakeTab(hub)];
  one.wants(want('a', 'build'));
  other.wants(want('a', 'build'));
  newest().open();
  newest().listener.onGap();
  expect(one.told).toHaveLength(2);
  expect(other.told).toHaveLength(2);
});

it('sheds after a while what nobody wants any more, and at once when nobody wants anything', () => {
  const tab = new FakeTab(hub);
  tab.wants(want('a', 'build', 'log'));
  tab.wants(want('a', 'build'));
  expect(streams).toHaveLength(1);
  vi.advanceTimersByTime(60_000);
  expect(newest().want).toEqual(want('a', 'build'));
  tab.wants();
  expect(living()).toHaveLength(0);
});

it('a tab that has gone without a word is forgotten, and told so should it only have slept', () => {
  const [gone, staying] = [new FakeTab(hub), new FakeTab(hub)];
  gone.wants(want('a', 'build'));
  staying.wants(want('a', 'build'));
  newest().open();
  gone.told.length = 0;
  for (let i = 0; i < 7; i++) {
    vi.advanceTimersByTime(60_000);
    staying.wants(want('a', 'build'));
  }
  newest().event('1', line('a'));
  expect(gone.told).toEqual([]);
  expect(staying.told.at(-1)).toEqual({ event: line('a') });
  gone.wants(want('a', 'build'));
  expect(gone.told).toEqual([{ gap: [want('a', 'build')] }]);
});

it('what the server refuses is not asked again, until somebody wants something else', () => {
  const tab = new FakeTab(hub);
  tab.wants(want('a', 'build'));
  newest().listener.onRefused();
  tab.wants(want('a', 'build'));
  vi.advanceTimersByTime(120_000);
  expect(streams).toHaveLength(1);
  new FakeTab(hub).wants(want('b', 'build'));
  expect(streams).toHaveLength(2);
  newest().open();
  expect(tab.told).toEqual([{ gap: [want('a', 'build')] }]);
});
