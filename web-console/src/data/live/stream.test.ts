import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Want } from './events';
import { openStream, type Stream } from './stream';

const WANT: Want = { tenant: 'local', app: 'a', topics: ['build', 'log'] };
const listener = { onOpen: vi.fn(), onBreak: vi.fn(), onEvent: vi.fn(), onGap: vi.fn(), onRefused: vi.fn() };
const asked = vi.fn<typeof fetch>();
let stream: Stream | undefined;

/** Answers the next request; the stream breaks after the text. */
const answer = (text: string, status = 200) =>
  asked.mockImplementationOnce(async () => new Response(text, { status, headers: { 'retry-after': '1' } }));
const never = () => asked.mockImplementationOnce(() => new Promise(() => {}));
const soon = (claim: () => void) => vi.waitFor(claim, { timeout: 30_000 });
const lastIdOf = (request: number) => new Headers(asked.mock.calls[request]?.[1]?.headers).get('last-event-id');

beforeEach(() => {
  vi.stubGlobal('fetch', asked);
});
afterEach(() => {
  stream?.close();
  vi.unstubAllGlobals();
  vi.resetAllMocks();
});

it('asks for what is wanted and hands over what comes', async () => {
  answer('id: r-1\nevent: build.line\ndata: {"type":"build.line","data":{"line":"x"}}\n\n');
  never();
  stream = openStream(WANT, undefined, listener);
  await soon(() => expect(listener.onEvent).toHaveBeenCalled());
  expect(String(asked.mock.calls[0]?.[0])).toContain('/api/v1/tenants/local/stream?topics=build%2Clog&app=a');
  expect(listener.onOpen).toHaveBeenCalledTimes(1);
  expect(listener.onEvent).toHaveBeenCalledWith({ type: 'build.line', data: { line: 'x' } });
  expect(stream.lastId).toBe('r-1');
});

it('comes back after a break and goes on after the last event', async () => {
  answer('retry: 1\n\nid: r-1\nevent: build.line\ndata: {}\n\n');
  answer('');
  never();
  stream = openStream(WANT, undefined, listener);
  await soon(() => expect(asked).toHaveBeenCalledTimes(3));
  expect(lastIdOf(0)).toBeNull();
  expect(lastIdOf(1)).toBe('r-1');
  expect(listener.onBreak).toHaveBeenCalledTimes(2);
  expect(listener.onGap).not.toHaveBeenCalled();
});

it('comes back without an event to go on after: some may have been missed', async () => {
  answer('retry: 1\n\n');
  answer('');
  never();
  stream = openStream(WANT, undefined, listener);
  await soon(() => expect(listener.onGap).toHaveBeenCalledTimes(1));
});

it('goes on after the last event of another stream', async () => {
  answer('event: gap\ndata: {}\n\n');
  never();
  stream = openStream(WANT, 'r-9', listener);
  await soon(() => expect(listener.onGap).toHaveBeenCalledTimes(1));
  expect(lastIdOf(0)).toBe('r-9');
});

it('asks again when the server is overloaded', async () => {
  answer('retry: 1\n\n');
  answer('{}', 503);
  answer('');
  never();
  stream = openStream(WANT, undefined, listener);
  await soon(() => expect(listener.onOpen).toHaveBeenCalledTimes(2));
  expect(listener.onRefused).not.toHaveBeenCalled();
});

it('asks no more when it is refused', async () => {
  answer('retry: 1\n\n');
  answer('{}', 401);
  stream = openStream(WANT, undefined, listener);
  await soon(() => expect(listener.onRefused).toHaveBeenCalledTimes(1));
  expect(asked).toHaveBeenCalledTimes(2);
});
