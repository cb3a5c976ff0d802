import { describe, expect, it } from 'vitest';
import { ago, plain } from './text';

describe('ago', () => {
  const now = Date.parse('2026-01-02T00:00:00Z');
  it.each([
    ['2026-01-01T23:59:58Z', '2 s ago'],
    ['2026-01-01T23:57:00Z', '3 min ago'],
    ['2026-01-01T20:00:00Z', '4 h ago'],
    ['2025-12-30T00:00:00Z', '3 d ago'],
    ['2026-01-02T00:00:09Z', '0 s ago'],
  ])('%s is %s', (at, text) => expect(ago(at, now)).toBe(text));
});

it('takes colours out of lines', () => {
  expect(plain('\u001b[31mred\u001b[0m and \u001b[1;32mgreen')).toBe('red and green');
});
