/** How values are shown. */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** "3 min ago", as far as people care. */
export function ago(at: string, now: number = Date.now()): string {
  const passed = Math.max(0, now - Date.parse(at));
  if (passed < MINUTE) return `${Math.floor(passed / SECOND)} s ago`;
  if (passed < HOUR) return `${Math.floor(passed / MINUTE)} min ago`;
  if (passed < DAY) return `${Math.floor(passed / HOUR)} h ago`;
  return `${Math.floor(passed / DAY)} d ago`;
}

/** "1 request", "2 requests". */
export const count = (number: number, what: string) => `${number} ${what}${number === 1 ? '' : 's'}`;

/** Lines of programs without what colours a terminal. */
export function plain(line: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character is what is looked for
  return line.replace(/\u001b\[[0-9;?]*[A-Za-z]/g, '');
}

export const clock = (at: string) => new Date(at).toLocaleTimeString();
