// What a function is given and what it may return.
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const BODY_BYTES_MAX = 32 * 1024 * 1024;

/** The app's own Functions Framework, if it has one: then the app's idea of request and response holds. */
function framework() {
  const require = createRequire(path.resolve('package.json'));
  try {
    return require('@google-cloud/functions-framework/testing');
  } catch {
    return null;
  }
}

/** How to call the function: (request, response) → promise. */
export async function load(source, target, signature) {
  const own = framework();
  const exports = await import(pathToFileURL(path.resolve(source)).href);
  const found = exports[target] ?? exports.default?.[target] ?? (target === 'handler' ? exports.default : undefined);
  if (own && typeof found !== 'function') {
    const server = own.getTestServer(target); // Throws if nothing of this name is registered.
    return (request, response) => server.emit('request', request, response);
  }
  if (typeof found !== 'function') {
    const names = Object.keys(exports).join(', ') || 'nothing';
    const what = `function.target: '${target}' (expected: a function that ${source} exports; it exports: ${names})`;
    throw Object.assign(new Error(what), { stack: what }); // Where it was found says nothing.
  }
  if (signature === 'cloudevent') {
    return (request, response) => receiveEvent(found, request, response);
  }
  return found.length >= 2 ? (request, response) => express(found, request, response) : (request, response) => fetchStyle(found, request, response);
}

async function body(request) {
  const parts = [];
  let size = 0;
  for await (const part of request) {
    size += part.length;
    if (size > BODY_BYTES_MAX) throw Object.assign(new Error('body too large'), { status: 413 });
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/** async handler(request: Request) → Response | string | object | undefined */
export async function fetchStyle(handler, request, response) {
  const url = `http://${request.headers.host ?? 'localhost'}${request.url}`;
  const headers = Object.entries(request.headers).flatMap(([name, value]) =>
    Array.isArray(value) ? value.map((one) => [name, one]) : [[name, value]],
  );
  const bodyless = request.method === 'GET' || request.method === 'HEAD';
  const answer = await handler(
    new Request(url, { method: request.method, headers, body: bodyless ? undefined : await body(request), duplex: 'half' }),
  );
  if (!(answer instanceof Response)) return send(response, answer);
  response.statusCode = answer.status;
  for (const [name, value] of answer.headers) if (name !== 'set-cookie') response.setHeader(name, value);
  const cookies = answer.headers.getSetCookie?.() ?? [];
  if (cookies.length) response.setHeader('set-cookie', cookies);
  if (answer.body) for await (const part of answer.body) response.write(part);
  response.end();
}

/** handler(req, res) with what the Functions Framework adds to Node's own objects. */
async function express(handler, request, response) {
  const url = new URL(request.url, 'http://localhost');
  const raw = await body(request);
  const type = (request.headers['content-type'] ?? '').split(';')[0].trim();
  Object.assign(request, { path: url.pathname, originalUrl: request.url, query: Object.fromEntries(url.searchParams), rawBody: raw });
  request.get = request.header = (name) => request.headers[name.toLowerCase()];
  request.body =
    type === 'application/json' && raw.length
      ? JSON.parse(raw)
      : type === 'application/x-www-form-urlencoded'
        ? Object.fromEntries(new URLSearchParams(raw.toString()))
        : type.startsWith('text/')
          ? raw.toString()
          : raw;
  response.status = (code) => {
    response.statusCode = code;
    return response;
  };
  response.set = response.header = (name, value) => {
    response.setHeader(name, value);
    return response;
  };
  response.json = (value) => {
    response.setHeader('content-type', 'application/json; charset=utf-8');
    response.end(JSON.stringify(value));
  };
  response.send = (value) => send(response, value);
  response.sendStatus = (code) => response.status(code).end();
  await handler(request, response);
}

/** CloudEvents 1.0 over HTTP, binary or structured mode. */
async function receiveEvent(handler, request, response) {
  const raw = await body(request);
  const type = (request.headers['content-type'] ?? '').split(';')[0].trim();
  let event = {};
  if (type === 'application/cloudevents+json') {
    event = JSON.parse(raw);
    if (event.data_base64 !== undefined) event.data = Buffer.from(event.data_base64, 'base64');
  } else {
    for (const [name, value] of Object.entries(request.headers)) {
      if (name.startsWith('ce-')) event[name.slice(3)] = decodeURIComponent(value);
    }
    if (type) event.datacontenttype = type;
    if (raw.length) event.data = type === 'application/json' || type.endsWith('+json') ? JSON.parse(raw) : type.startsWith('text/') ? raw.toString() : raw;
  }
  for (const name of ['id', 'source', 'type', 'specversion']) {
    if (!event[name]) {
      response.statusCode = 400;
      return send(response, { error: `not a CloudEvent: '${name}' is missing` });
    }
  }
  const answer = await handler(event);
  if (answer === undefined || answer === null) response.statusCode = 204;
  send(response, answer);
}

function send(response, value) {
  if (response.writableEnded) throw new Error('it answered twice; the first answer holds');
  if (value === undefined || value === null) {
    if (!response.headersSent && response.statusCode === 200) response.statusCode = 204;
    return response.end();
  }
  if (typeof value === 'string' || Buffer.isBuffer(value) || value instanceof Uint8Array) {
    if (!response.hasHeader('content-type')) {
      response.setHeader('content-type', typeof value === 'string' ? 'text/plain; charset=utf-8' : 'application/octet-stream');
    }
    return response.end(value);
  }
  if (!response.hasHeader('content-type')) response.setHeader('content-type', 'application/json; charset=utf-8');
  response.end(JSON.stringify(value));
}
