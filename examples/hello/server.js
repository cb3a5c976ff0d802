const http = require('node:http');

http
  .createServer((request, response) => {
    response.setHeader('content-type', 'text/plain; charset=utf-8');
    response.end('Hello from Mayfly\n');
  })
  .listen(process.env.PORT);
