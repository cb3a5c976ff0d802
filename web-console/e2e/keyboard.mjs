// An app made and destroyed by the keyboard alone, and the dialog in between.
import assert from 'node:assert/strict';
import { visit } from './visit.mjs';

export async function destroyByKeyboard(page, url, shot) {
  await visit(page, url);
  await page.getByLabel('New app').focus();
  await page.keyboard.type('short-lived');
  await page.keyboard.press('Enter');
  await page.getByRole('link', { name: 'short-lived', exact: true }).press('Enter');
  await page.getByRole('link', { name: 'settings' }).press('Enter');
  const opener = page.getByRole('button', { name: 'Destroy short-lived…' });
  const dialog = page.getByRole('alertdialog', { name: 'Destroy short-lived?' });
  const focusIsInside = () => dialog.evaluate((element) => element.contains(document.activeElement));

  await opener.press('Enter');
  await dialog.waitFor();
  for (let i = 0; i < 6; i++) {
    assert.ok(await focusIsInside(), `the focus has left the dialog at step ${i}`);
    await page.keyboard.press('Tab');
  }
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  assert.ok(await opener.evaluate((element) => element === document.activeElement), 'the focus is back where it was');

  await page.keyboard.press('Enter');
  await dialog.getByLabel("The app's name").focus();
  await page.keyboard.type('short-live');
  assert.ok(await dialog.getByRole('button', { name: 'Destroy' }).isDisabled(), 'the name is not complete');
  await page.keyboard.type('d');
  await shot(page, 'dialog');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Apps' }).waitFor();
  await page.getByRole('link', { name: 'short-lived', exact: true }).waitFor({ state: 'detached' });
}
