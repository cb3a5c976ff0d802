/** The shared worker: there is one of it for all tabs of a browser that show this version of the console. */
import { Hub } from './hub';
import { openStream } from './stream';

const hub = new Hub(openStream);

addEventListener('connect', (event) => {
  for (const port of (event as MessageEvent).ports) hub.attach(port);
});
