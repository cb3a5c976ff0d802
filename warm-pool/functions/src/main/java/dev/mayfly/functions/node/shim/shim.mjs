// Turns HTTP into calls of one function: node shim.mjs SOURCE TARGET SIGNATURE, or node shim.mjs --generic
import process from 'node:process';
import { fetchStyle, load } from './mayfly_shim/calls.mjs';
import { create, rehearse } from './mayfly_shim/serve.mjs';

const CONTROL = 3;

const { server, bind } = create();

process.on('SIGTERM', () => {
  server.close(() => process.exit(0));
  server.closeIdleConnections();
});

/** Whether this process answers one request and no more. */
function isolation() {
  const wanted = process.env.MAYFLY_ISOLATION ?? 'release';
  if (wanted !== 'request' && wanted !== 'release') fail(`MAYFLY_ISOLATION: '${wanted}' (expected: request or release)`);
  return wanted === 'request';
}

function fail(why) {
  console.error(why);
  process.exit(1);
}

let once = isolation();
let given = process.argv.slice(2);
const generic = given.length === 1 && given[0] === '--generic';
if (generic) {
  await rehearse((request, response) => fetchStyle(async (asked) => new Response(await asked.text()), request, response));
  const { wait } = await import('./mayfly_shim/bind.mjs');
  given = await wait(CONTROL);
  once = isolation() || once;
}
if (given.length !== 3) fail(`arguments: ${JSON.stringify(given)} (expected: source, target, signature)`);
const [source, target, signature] = given;
try {
  bind({ name: target, once, call: await load(source, target, signature) });
} catch (error) {
  const failure = String(error?.stack ?? error);
  console.error(failure);
  bind({ name: target, once, failure });
}
const socket = process.env.MAYFLY_SOCKET;
const place =
  generic || socket?.startsWith('fd:')
    ? { fd: generic ? 0 : Number(socket.slice(3)) } // It listens already: handed over by whoever started us.
    : socket
      ? { path: socket }
      : { port: Number(process.env.PORT ?? 8080), host: '::' };
server.listen(place);
