// The console in Debian's Chromium against a real server:
// node e2e/console.mjs --url URL --app NAME --token-file FILE --shots DIR; pushes from MAYFLY_E2E_PUSH_DIR.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { destroyByKeyboard } from './keyboard.mjs';
import { manyTabs } from './tabs.mjs';
import { isOfTheConsole, visit } from './visit.mjs';

const { values } = parseArgs({
  options: {
    url: { type: 'string' },
    app: { type: 'string' },
    'token-file': { type: 'string' },
    shots: { type: 'string' },
  },
});
const token = (await readFile(values['token-file'], 'utf8')).trim();
const password = (await readFile(path.join(path.dirname(values['token-file']), 'admin-password'), 'utf8')).trim();
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
const errors = [];
let shots = 0;

async function open(colorScheme, script = () => {}) {
  const context = await browser.newContext({ colorScheme, viewport: { width: 1280, height: 800 } });
  await context.addInitScript(script);
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  page.on('console', (message) => {
    if (message.type() === 'error' && isOfTheConsole(message.text())) errors.push(message.text());
  });
  page.on('pageerror', (error) => errors.push(String(error)));
  return page;
}

async function shot(page, name) {
  shots += 1;
  await page.screenshot({ path: path.join(values.shots, `${shots}-${name}.png`) });
}

function push() {
  const child = spawn('git', ['push', 'mayfly', 'main'], { cwd: process.env.MAYFLY_E2E_PUSH_DIR, stdio: 'pipe' });
  let output = '';
  child.stderr.on('data', (data) => {
    output += data;
  });
  return new Promise((resolve, reject) =>
    child.on('exit', (code) =>
      code === 0 ? resolve(output) : reject(new Error(`git push ended with ${code}: ${output}`)),
    ),
  );
}

try {
  const page = await open('light');
  // With the keyboard alone: sign in.
  await visit(page, values.url);
  await page.getByLabel('Name').focus();
  await page.keyboard.type('admin');
  await page.keyboard.press('Tab');
  await page.keyboard.type(password);
  await page.keyboard.press('Enter');
  await page.getByRole('link', { name: values.app, exact: true }).waitFor();
  await shot(page, 'apps');

  await page.getByRole('link', { name: values.app, exact: true }).click();
  await page.getByRole('heading', { name: 'Instances' }).waitFor();
  await page
    .getByText(/of deploy,/)
    .first()
    .waitFor(); // The first release's instance died of the second.
  // Each life is a line, the same in words for who cannot see it, and in a table.
  await page
    .getByRole('img', { name: /ready|serving/ })
    .first()
    .waitFor();
  await page.getByLabel('Time shown').selectOption('5');
  await shot(page, 'instances');
  await page.getByText('The same as a table').focus();
  await page.keyboard.press('Enter');
  await page.getByRole('columnheader', { name: 'Bound' }).waitFor();

  // A request from the page, and the instance that it met.
  await page.getByRole('link', { name: 'test' }).click();
  await page.getByRole('button', { name: 'Send' }).click();
  await page.getByTestId('answer').getByText('page two').waitFor();
  await shot(page, 'test-request');

  // The request is in the instance's life at once.
  await page.getByRole('link', { name: 'overview' }).click();
  await page
    .getByText(/[1-9]\d* requests?/)
    .first()
    .waitFor();
  await page
    .getByRole('img', { name: /serving/ })
    .first()
    .waitFor();
  await shot(page, 'served');

  // The pool's own page, for those who run the installation.
  await page.getByRole('link', { name: 'Pool' }).click();
  await page.getByRole('heading', { name: 'Pool', exact: true }).waitFor();
  await page.getByRole('meter', { name: 'Instances' }).waitFor();
  await page
    .getByRole('row', { name: /^(warm|cold) [1-9]/ })
    .first()
    .waitFor();
  await shot(page, 'pool');
  await page.goBack();

  // A push, watched line by line.
  await page.getByRole('link', { name: 'builds' }).click();
  await page.getByRole('log').waitFor();
  const pushed = push();
  await page.getByText('running').first().waitFor();
  await page.getByRole('button', { name: /running/ }).click();
  await page.getByText(/step 3/).waitFor();
  await shot(page, 'build-running');
  await pushed;
  await page.getByText('Released v3').waitFor();
  await shot(page, 'build-done');

  // Back to the first release; live again without a reload.
  await page.getByRole('link', { name: 'releases' }).click();
  await page.getByRole('button', { name: 'Roll back to v1' }).click();
  await page.getByRole('cell', { name: 'v4' }).waitFor();
  await page.getByText('Roll back to v1', { exact: true }).first().waitFor();
  await shot(page, 'releases');

  // Configuration.
  await page.getByRole('link', { name: 'config' }).click();
  await page.getByLabel('Key').fill('GREETING');
  await page.getByLabel('Value', { exact: true }).fill('three');
  await page.getByRole('button', { name: 'Set' }).click();
  await page.getByRole('rowheader', { name: 'GREETING' }).waitFor();
  await page.getByRole('button', { name: 'Show values' }).click();
  await page.getByText('three').waitFor();
  await shot(page, 'config');

  await page.getByRole('link', { name: 'logs' }).click();
  await page.getByRole('heading', { name: 'Logs' }).waitFor();
  await shot(page, 'logs');

  // Back and forward, and a page asked for by its address.
  await page.goBack();
  await page.getByRole('heading', { name: 'Configuration' }).waitFor();
  await page.goBack();
  await page.getByRole('heading', { name: 'Releases' }).waitFor();
  await page.goForward();
  await page.getByRole('heading', { name: 'Configuration' }).waitFor();
  await page.reload();
  await page.getByRole('rowheader', { name: 'GREETING' }).waitFor();

  await manyTabs(page, values.url, values.app);
  await destroyByKeyboard(page, values.url, shot);

  // Out, and not in again by a reload.
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByLabel('Password').waitFor();
  await page.reload();
  await page.getByLabel('Password').waitFor();
  await shot(page, 'sign-in');

  // Dark, with a token, on a phone's width, in a browser without shared workers as some phones have it.
  const dark = await open('dark', () => {
    delete window.SharedWorker;
  });
  await visit(dark, `${values.url}/apps/${values.app}`);
  await dark.getByRole('button', { name: 'Use a token' }).click();
  await dark.getByLabel('Token').fill(token);
  await dark.getByRole('button', { name: 'Sign in' }).click();
  await dark.getByRole('heading', { name: 'Instances' }).waitFor();
  await dark.getByRole('img').first().waitFor();
  await shot(dark, 'dark');
  assert.equal(await dark.evaluate(() => typeof SharedWorker), 'undefined');
  await dark.getByRole('link', { name: 'config' }).click();
  await dark.getByLabel('Key').fill('ALONE');
  await dark.getByLabel('Value', { exact: true }).fill('yes');
  await dark.getByRole('button', { name: 'Set' }).click();
  await dark.getByText('v8').first().waitFor(); // Beside the app's name, by the live event.
  await dark.setViewportSize({ width: 390, height: 800 });
  const app = `/apps/${values.app}`;
  const pages = {
    '/': dark.getByRole('link', { name: values.app, exact: true }),
    '/pool': dark.getByRole('meter', { name: 'Instances' }),
    [`${app}/overview`]: dark.getByRole('img').first(),
    [`${app}/builds`]: dark.getByRole('log').getByText('Released'),
    [`${app}/releases`]: dark.getByRole('cell', { name: 'v4', exact: true }),
    [`${app}/config`]: dark.getByRole('rowheader', { name: 'GREETING' }),
    // An app that prints nothing has its log's box only until that is known.
    [`${app}/logs`]: dark.getByText('Nothing was printed yet.').or(dark.getByRole('log').filter({ hasText: /./ })),
    [`${app}/test`]: dark.getByRole('button', { name: 'Send' }),
    [`${app}/settings`]: dark.getByRole('button', { name: /^Destroy/ }),
  };
  for (const [where, loaded] of Object.entries(pages)) {
    await visit(dark, values.url + where);
    await loaded.waitFor();
    const overflow = await dark.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    assert.ok(overflow <= 0, `${where} is ${overflow} px too wide for a phone`);
    await shot(dark, `phone${where.replaceAll('/', '-')}`);
  }

  assert.deepEqual(errors, [], 'errors in the browser console');
  console.log(`${shots} screenshots in ${values.shots}`);
} finally {
  await browser.close();
}
