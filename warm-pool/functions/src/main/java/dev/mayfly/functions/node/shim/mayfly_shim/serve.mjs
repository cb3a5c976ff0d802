// Requests: many of them for long, or one and the end.
import { createServer } from 'node:http';
import process from 'node:process';
import { Duplex } from 'node:stream';

const READY = '/_mayfly/ready';
const CLOSE_MS_MAX = 90_000;
const HAD_IT = {
  type: 'about:blank',
  title: 'Service Unavailable',
  status: 503,
  detail: 'This instance answers one request and has had it.',
};

/** The server of a function. The function comes with bind(), as it may not be known yet. */
export function create() {
  const server = createServer((request, response) => {
    if (request.url === READY) return ready(loaded, response);
    if (loaded.once) {
      if (taken) return unavailable(response);
      taken = true;
      last(loaded, request.socket, response);
    }
    return answer(loaded, request, response);
  });
  let loaded = { name: 'none', failure: 'no function yet' };
  let taken = false;
  server.keepAliveTimeout = 0; // The gateway decides how long connections stay.
  server.requestTimeout = 0;
  return { server, bind: (found) => (loaded = found) };
}

function ready({ failure }, response) {
  response.statusCode = failure === undefined ? 200 : 500;
  response.end(failure ?? '');
}

function unavailable(response) {
  response.writeHead(503, { 'content-type': 'application/problem+json', connection: 'close' }).end(JSON.stringify(HAD_IT));
}

async function answer({ name, call, failure }, request, response) {
  response.on('error', (error) => lost(name, error.message));
  response.once('close', () => {
    // From here on Node says nothing of it.
    if (response.writableFinished) response.write = response.end = () => lost(name, 'write after end');
  });
  if (failure !== undefined) return broken(response, 500, 'The function could not be loaded.\n');
  try {
    await call(request, response);
  } catch (error) {
    failed(name, error, response);
  }
}

function lost(name, what) {
  console.error(`function '${name}': it wrote after its answer; that is lost (${what})`);
}

/** Says what went wrong, to the caller too if it still can be told. An answer that is complete stays as it is. */
function failed(name, error, response) {
  if (response.writableEnded) return console.error(`function '${name}': failed after its answer:`, error);
  console.error(error);
  if (response.headersSent) return response.destroy();
  const status = error?.status ?? (error instanceof SyntaxError ? 400 : 500);
  broken(response, status, status === 500 ? 'The function failed.\n' : `${error.message}\n`);
}

function broken(response, status, text) {
  response.statusCode = status;
  response.setHeader('content-type', 'text/plain');
  response.end(text);
}

/** Makes it the last answer: when it has left, the process ends, whatever the function left running. */
function last({ name }, socket, response) {
  response.shouldKeepAlive = false;
  response.once('finish', () => socket.setTimeout(CLOSE_MS_MAX, () => socket.destroy()));
  socket.once('close', () => process.exit(0));
  for (const event of ['uncaughtException', 'unhandledRejection']) {
    process.on(event, (error) => failed(name, error, response));
  }
}

/** Runs the code of a request once, ahead of any: what Node loads at the first use of a thing it has then loaded. */
export function rehearse(call) {
  const { server, bind } = create();
  bind({ name: 'rehearsal', call });
  return new Promise((resolve) => {
    const stand = new Duplex({ read() {}, write: (part, encoding, done) => done(), final: (done) => (done(), resolve()) });
    server.emit('connection', stand);
    stand.push('POST /rehearsal?a=b HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}');
  });
}
