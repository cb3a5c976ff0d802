import { expect, it } from 'vitest';
import type { Instance } from '../api';
import { placed } from './Instances';

const instance = (id: string, state: Instance['state'], bornAt: string) => ({ id, state, bornAt }) as Instance;

it('keeps living instances before dead ones, newest first, each once', () => {
  const old = instance('a', 'ready', '1');
  const dead = instance('b', 'reaped', '3');
  const fresh = instance('c', 'starting', '2');
  expect(placed([old, dead], fresh).map((each) => each.id)).toEqual(['c', 'a', 'b']);
  expect(placed([fresh, old, dead], instance('c', 'reaped', '2')).map((each) => each.id)).toEqual(['a', 'b', 'c']);
});
