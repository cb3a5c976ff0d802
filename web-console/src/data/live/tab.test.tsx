import { act, cleanup, renderHook } from '@testing-library/react';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { LiveEvent } from '../api';
import type { FromTab, ToTab } from './events';

class FakePort {
  onmessage: ((message: { data: ToTab }) => void) | null = null;
  readonly told: FromTab[] = [];
  postMessage(wants: FromTab) {
    this.told.push(wants);
  }
  tells(data: ToTab) {
    act(() => this.onmessage?.({ data }));
  }
}

let port: FakePort;
let useLive: typeof import('./tab').useLive;

beforeEach(async () => {
  port = new FakePort();
  vi.stubGlobal(
    'SharedWorker',
    class {
      readonly port = port;
    },
  );
  vi.resetModules(); // The tab has one port; each test has a tab of its own.
  ({ useLive } = await import('./tab'));
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const line: LiveEvent = { tenant: 't', app: 'a', at: '', type: 'build.line', data: { id: 'b', line: 'x' } };
const settled = () => act(async () => {});

it('tells what its pages want, as one change when one page comes for another', async () => {
  const { rerender, unmount } = renderHook(({ topics }) => useLive('t', 'a', topics, () => {}), {
    initialProps: { topics: 'build' },
  });
  await settled();
  const told = port.told.length;
  expect(port.told.at(-1)).toEqual([{ tenant: 't', app: 'a', topics: ['build'] }]);
  rerender({ topics: 'log,app' });
  await settled();
  expect(port.told.slice(told)).toEqual([[{ tenant: 't', app: 'a', topics: ['log', 'app'] }]]);
  unmount();
  await settled();
  expect(port.told.at(-1)).toEqual([]);
});

it('hands each page its events, and what was missed to who missed it', async () => {
  const builds = vi.fn();
  const logs = vi.fn();
  renderHook(() => {
    useLive('t', 'a', 'build', builds);
    useLive('t', 'a', 'log', logs);
  });
  await settled();
  port.tells({ event: line });
  expect(builds).toHaveBeenCalledExactlyOnceWith(line);
  port.tells({ gap: [{ tenant: 't', app: 'a', topics: ['log'] }] });
  expect(builds).toHaveBeenCalledTimes(1);
  expect(logs).toHaveBeenCalledExactlyOnceWith(null);
});

it('says good-bye, and takes up again what the browser kept aside', async () => {
  const builds = vi.fn();
  renderHook(() => useLive('t', 'a', 'build', builds));
  await settled();
  window.dispatchEvent(new Event('pagehide'));
  expect(port.told.at(-1)).toEqual([]);
  act(() => {
    window.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: true }));
  });
  expect(port.told.at(-1)).toHaveLength(1);
  expect(builds).toHaveBeenCalledExactlyOnceWith(null);
});
