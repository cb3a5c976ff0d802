import { expect, it } from 'vitest';
import type { Instance } from '../../data/api';
import { fitting, placed } from './Instances';

const instance = (id: string, state: Instance['state'], bornAt: string) => ({ id, state, bornAt }) as Instance;

it('keeps living instances before dead ones, newest first, each once', () => {
  const old = instance('a', 'ready', '1');
  const dead = instance('b', 'reaped', '3');
  const fresh = instance('c', 'starting', '2');
  expect(placed([old, dead], fresh).map((each) => each.id)).toEqual(['c', 'a', 'b']);
  expect(placed([fresh, old, dead], instance('c', 'reaped', '2')).map((each) => each.id)).toEqual(['a', 'b', 'c']);
});

it('shows a young app in the shortest window that holds all of it', () => {
  const now = Date.parse('2026-01-01T12:00:00Z');
  const born = (minutesAgo: number) => instance('a', 'ready', new Date(now - minutesAgo * 60_000).toISOString());
  expect(fitting([born(0.5)], now)).toBe(1);
  expect(fitting([born(1), born(4)], now)).toBe(5);
  expect(fitting([born(1), born(6)], now)).toBe(15);
  expect(fitting([born(40)], now)).toBe(60);
  expect(fitting([born(1), born(400)], now)).toBe(60);
});
