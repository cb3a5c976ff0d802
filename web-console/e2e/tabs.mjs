// Many tabs of one browser: all of them are told what happens, and all load pages. A browser has six connections to a
// server, and a tab's stream that held one of its own would leave none.
import assert from 'node:assert/strict';
import { visit } from './visit.mjs';

const TABS = 7;

export async function manyTabs(first, url, app) {
  const paths = ['/', ...['overview', 'builds', 'releases', 'logs', 'test'].map((tab) => `/apps/${app}/${tab}`)];
  const tabs = [];
  for (const path of paths.slice(0, TABS - 1)) {
    const tab = await first.context().newPage();
    tab.setDefaultTimeout(30_000);
    await visit(tab, url + path);
    await tab.getByRole('heading', { level: 1 }).waitFor();
    tabs.push(tab);
  }
  const [list, overview, , releases] = tabs;
  await releases.getByRole('cell', { name: 'v5', exact: true }).waitFor();

  // What is done in one tab is seen in all others. Only the live events can have told them: they are in the background.
  await visit(first, `${url}/apps/${app}/config`);
  await first.getByLabel('Key').fill('TABS');
  await first.getByLabel('Value', { exact: true }).fill('many');
  await first.getByRole('button', { name: 'Set' }).click();
  await first.getByRole('rowheader', { name: 'TABS' }).waitFor();
  for (const tab of tabs) await tab.getByText('v6').first().waitFor();
  await releases.getByRole('cell', { name: 'v6', exact: true }).waitFor();
  await list.getByRole('cell', { name: 'v6', exact: true }).waitFor();

  // Each still loads what it has not loaded before.
  for (const tab of tabs.slice(1)) {
    await tab.getByRole('link', { name: 'config' }).click();
    await tab.getByRole('rowheader', { name: 'TABS' }).waitFor();
    await tab.reload();
    await tab.getByRole('rowheader', { name: 'TABS' }).waitFor();
  }
  assert.equal(await overview.title(), `${app} – Mayfly`);

  // One that is closed takes nothing with it.
  await list.close();
  await first.getByRole('button', { name: 'Remove TABS' }).click();
  for (const tab of tabs.slice(1)) await tab.getByText('v7').first().waitFor();
  for (const tab of tabs.slice(1)) await tab.close();
}
