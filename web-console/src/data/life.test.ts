import { describe, expect, it } from 'vitest';
import type { Instance } from './api';
import { inWords, lasting, notBefore, parts, present } from './life';

const NOON = Date.parse('2026-01-01T12:00:00Z');
const at = (seconds: number) => new Date(NOON + seconds * 1000).toISOString();
const instance = (change: Partial<Instance>) =>
  ({
    state: 'ready',
    bornAt: at(0),
    diedAt: null,
    life: [
      { stage: 'starting', since: at(0) },
      { stage: 'ready', since: at(1) },
      { stage: 'serving', since: at(10) },
    ],
    ...change,
  }) as Instance;

describe('parts', () => {
  it('last until the next, the last until now', () => {
    expect(parts(instance({}), NOON - 1000, NOON + 20_000)).toEqual([
      { stage: 'starting', from: NOON, to: NOON + 1000 },
      { stage: 'ready', from: NOON + 1000, to: NOON + 10_000 },
      { stage: 'serving', from: NOON + 10_000, to: NOON + 20_000 },
    ]);
  });
  it('of the dead end with the death', () => {
    expect(parts(instance({ diedAt: at(12) }), NOON, NOON + 20_000).at(-1)?.to).toBe(NOON + 12_000);
  });
  it('are cut where the window begins', () => {
    expect(parts(instance({}), NOON + 5000, NOON + 20_000)).toEqual([
      { stage: 'ready', from: NOON + 5000, to: NOON + 10_000 },
      { stage: 'serving', from: NOON + 10_000, to: NOON + 20_000 },
    ]);
    expect(parts(instance({ diedAt: at(12) }), NOON + 13_000, NOON + 20_000)).toEqual([]);
  });
});

it('what it is at is one word', () => {
  expect(present(instance({}))).toBe('serving');
  expect(present(instance({ state: 'draining' }))).toBe('draining');
  expect(present(instance({ state: 'reaped' }))).toBe('died');
  expect(present(instance({ life: [] }))).toBe('ready');
});

it('sums of what it was at are told, the longest first', () => {
  expect(inWords(parts(instance({}), NOON, NOON + 3_600_000))).toBe('serving 60 min, ready 9 s, starting 1 s');
});

it.each([
  [4, '4 ms'],
  [1500, '2 s'],
  [90_000, '2 min'],
  [3_600_000, '1 h'],
])('%d ms are %s', (millis, text) => expect(lasting(millis)).toBe(text));

it('nothing lies in the future, whatever the browser’s clock says', () => {
  expect(notBefore(NOON, [instance({})])).toBe(NOON + 10_000);
  expect(notBefore(NOON + 99_000, [instance({})])).toBe(NOON + 99_000);
});
