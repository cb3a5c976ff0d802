const http = require('node:http');
const ms = require('ms');

http.createServer((_, response) => response.end(`An hour has ${ms('1h')} ms on Node ${process.version.split('.')[0]}`)).listen(process.env.PORT);
