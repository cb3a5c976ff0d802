import { act, renderHook } from '@testing-library/react';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { useEvery, useSoon } from './clock';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it('soon calls once for many, and again for the next', () => {
  const call = vi.fn();
  const { result } = renderHook(() => useSoon(500, call));
  for (let i = 0; i < 100; i++) result.current();
  act(() => vi.advanceTimersByTime(499));
  expect(call).toHaveBeenCalledTimes(0);
  act(() => vi.advanceTimersByTime(1));
  expect(call).toHaveBeenCalledTimes(1);
  result.current();
  act(() => vi.advanceTimersByTime(500));
  expect(call).toHaveBeenCalledTimes(2);
});

it('soon calls nothing of a page that is left', () => {
  const call = vi.fn();
  const { result, unmount } = renderHook(() => useSoon(500, call));
  result.current();
  unmount();
  vi.advanceTimersByTime(1000);
  expect(call).toHaveBeenCalledTimes(0);
});

it('every rests in the background and looks at once when it comes back', () => {
  const call = vi.fn();
  const hidden = vi.spyOn(document, 'hidden', 'get').mockReturnValue(true);
  renderHook(() => useEvery(1000, call));
  vi.advanceTimersByTime(5000);
  expect(call).toHaveBeenCalledTimes(0);
  hidden.mockReturnValue(false);
  document.dispatchEvent(new Event('visibilitychange'));
  expect(call).toHaveBeenCalledTimes(1);
  hidden.mockRestore();
});
