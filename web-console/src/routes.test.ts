import { expect, it } from 'vitest';
import { entryOf } from './routes';

it.each([
  ['/', 'Apps'],
  ['/apps/hello', 'Apps'],
  ['/apps/hello/logs', 'Apps'],
  ['/pool', 'Pool'],
  ['/nowhere', 'Apps'],
])('%s is under %s', (path, menu) => expect(entryOf(path).menu).toBe(menu));
