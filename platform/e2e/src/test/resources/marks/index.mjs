// Says what it finds of callers before, then leaves all it can for those after.
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { randomUUID } from 'node:crypto';

let calls = 0;

export function leave() {
  const found = {
    calls,
    tmp: readdirSync('/tmp'),
    shm: readdirSync('/dev/shm'),
    env: process.env.MARK ?? '',
    threads: readdirSync('/proc/self/task').length,
    processes: readdirSync('/proc').filter((name) => /^\d+$/.test(name)).length,
    descriptors: readdirSync('/proc/self/fd').length,
    listening: ['tcp', 'tcp6'].map((each) => readFileSync(`/proc/net/${each}`, 'utf8').split(' 0A ').length - 1).reduce((a, b) => a + b),
    unix: readFileSync('/proc/net/unix', 'utf8').split('@mark').length - 1,
    random: Math.random(),
    uuid: randomUUID(),
    hash: 0,
    greeting: process.env.GREETING ?? '',
  };
  calls++;
  for (const folder of ['/tmp', '/dev/shm']) writeFileSync(`${folder}/mark`, 'left');
  process.env.MARK = 'left';
  spawn('sleep', ['600'], { stdio: 'ignore' });
  createServer().listen(0, '127.0.0.1');
  createServer().listen('\0mark');
  setInterval(() => {}, 1000);
  return found;
}
