// Some of the functions of main.py.
import { randomBytes, randomUUID } from 'node:crypto';
import { readdirSync, readlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import process from 'node:process';

const query = (request) => Object.fromEntries(new URL(request.url).searchParams);

export function greet(request) {
  const { name } = query(request);
  if (name === 'fail') throw new Error('as asked');
  return `Hello, ${name}`;
}

export async function echo(request) {
  const bytes = (await request.arrayBuffer()).byteLength;
  return { method: request.method, path: decodeURIComponent(new URL(request.url).pathname), bytes, many: request.headers.get('x-many') };
}

let calls = 0;

export function count() {
  calls += 1;
  console.log(`call ${calls}`);
  return String(calls);
}

export const large = (request) => 'x'.repeat(Number(query(request).bytes));

export async function sleep(request) {
  console.log('asleep');
  await new Promise((resolve) => setTimeout(resolve, Number(query(request).seconds) * 1000));
  return 'slept';
}

export function background() {
  setInterval(() => {}, 1000);
  return 'answered';
}

export function twice(request, response) {
  response.send('first');
  response.end('second');
  response.write('third');
  response.send('fourth');
}

export async function late(request, response) {
  response.send('x'.repeat(5_000_000));
  Promise.reject(new Error('as asked'));
}

export function facts(request) {
  const { env, control, module } = query(request);
  const found = { cwd: process.cwd(), pid: process.pid, zone: new Intl.DateTimeFormat().resolvedOptions().timeZone };
  Object.assign(found, { arguments: process.argv.slice(2).join(' '), random: Math.random(), secure: randomBytes(8).toString('hex') });
  found.uuid = randomUUID();
  for (const name of (env ?? '').split(',')) found[`env.${name}`] = process.env[name];
  found.control = held(control);
  if (module) found.module = createRequire(import.meta.url)(module).VALUE;
  return Object.entries(found)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

function held(inode) {
  const links = readdirSync('/proc/self/fd').map((each) => {
    try {
      return readlinkSync(`/proc/self/fd/${each}`);
    } catch {
      return 'gone';
    }
  });
  return links.includes(`socket:[${inode}]`) ? 'open' : 'closed';
}
