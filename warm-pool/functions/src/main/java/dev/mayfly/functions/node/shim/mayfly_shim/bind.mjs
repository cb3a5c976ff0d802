// A start in two halves: a process that knows no function waits for the message that says which it is to be.
import { writeSync } from 'node:fs';
import { Module } from 'node:module';
import { Socket } from 'node:net';
import process from 'node:process';

const MESSAGE_BYTES_MAX = 192 * 1024;

/** Waits until the message has come, makes this process what it says, and returns the arguments. Ends at end of file. */
export async function wait(control) {
  writeSync(1, 'generic\n'); // Whoever started us knows by it that all is done that can be done ahead.
  const data = await read(control);
  if (!data.length) process.exit(0);
  const { argv, env, cwd } = parse(data);
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, env);
  try {
    process.chdir(cwd);
  } catch (error) {
    fail(`cwd: ${error.message}`);
  }
  process.argv.splice(2, process.argv.length, ...argv);
  Module._initPaths(); // NODE_PATH and HOME are read when Node starts.
  return argv;
}

/** Everything to the end of the file. The descriptor is closed before anything of the tenant runs: nobody can bind twice. */
async function read(control) {
  const socket = new Socket({ fd: control, readable: true, writable: false });
  const parts = [];
  let size = 0;
  for await (const part of socket) {
    parts.push(part);
    size += part.length;
    if (size > MESSAGE_BYTES_MAX) fail(`more than ${MESSAGE_BYTES_MAX} bytes`);
  }
  if (!socket.closed) await new Promise((resolve) => socket.once('close', resolve).destroy());
  return Buffer.concat(parts);
}

function parse(data) {
  let message;
  try {
    message = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(data));
  } catch (error) {
    fail(`no JSON (${error.message})`);
  }
  if (message === null || typeof message !== 'object' || Array.isArray(message)) fail('no JSON object');
  const { argv, env, cwd } = message;
  if (!Array.isArray(argv) || !argv.every((each) => typeof each === 'string')) fail('argv (expected: a list of texts)');
  if (env === null || typeof env !== 'object' || Array.isArray(env)) fail('env (expected: an object of texts)');
  for (const [name, value] of Object.entries(env)) {
    if (typeof value !== 'string' || !name || name.includes('=') || (name + value).includes('\0')) {
      fail(`env.${name} (expected: a text without NUL under a name without '=')`);
    }
  }
  if (typeof cwd !== 'string' || !cwd.startsWith('/')) fail(`cwd: ${JSON.stringify(cwd)} (expected: an absolute path)`);
  return message;
}

function fail(why) {
  console.error(`bind message: ${why}`);
  process.exit(1);
}
