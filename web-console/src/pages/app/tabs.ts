/** The parts of an app's page: one is a file here and a line in this table. */
import type { ComponentType } from 'react';
import type { AppRef } from '../../data/api';
import { Builds } from './Builds';
import { Config } from './Config';
import { Instances } from './Instances';
import { Logs } from './Logs';
import { Releases } from './Releases';
import { Settings } from './Settings';
import { TestRequest } from './TestRequest';

interface Tab {
  /** The last part of its path, and its entry in the app's menu. */
  name: string;
  view: ComponentType<{ at: AppRef }>;
}

/** In the order of the menu. The first is shown when the path names none. */
export const TABS: [Tab, ...Tab[]] = [
  { name: 'overview', view: Instances },
  { name: 'builds', view: Builds },
  { name: 'releases', view: Releases },
  { name: 'config', view: Config },
  { name: 'logs', view: Logs },
  { name: 'test', view: TestRequest },
  { name: 'settings', view: Settings },
];
