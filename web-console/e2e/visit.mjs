const TRIES = 5;
const isOfTheMachine = (error) => String(error).includes('ERR_NETWORK_CHANGED');

/** Loads a page; again if Chromium has dropped it because a sandbox's link came or went on the machine. */
export async function visit(page, url) {
  for (let left = TRIES; ; left--) {
    try {
      return await page.goto(url);
    } catch (error) {
      if (left === 0 || !isOfTheMachine(error)) throw error;
    }
  }
}

/** Whether an error that the browser reports is the console's. The console asks again for what was dropped. */
export const isOfTheConsole = (error) => !isOfTheMachine(error);
