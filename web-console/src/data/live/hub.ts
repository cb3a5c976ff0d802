/**
 * Gives the tabs of a browser their live events by one stream of each tenant. A browser opens six connections to a server
 * over HTTP/1.1, and a stream holds one for as long as it lives: with one for each tab, the seventh tab would hang.
 *
 * Lives in the shared worker; where there is none, in each tab for that tab alone.
 */
import type { LiveEvent } from '../api';
import { covers, type FromTab, isWanted, type ToTab, union, type Want } from './events';
import type { OpenStream, Stream } from './stream';

/** Where a tab is reached: one end of a MessagePort. */
export interface Port {
  onmessage: ((message: MessageEvent<FromTab>) => void) | null;
  postMessage(message: ToTab): void;
}

/** Tabs in the background may be given one moment in a minute. */
const SILENT_MILLIS_MAX = 5 * 60_000;
const SWEEP_MILLIS = 60_000;

interface Tab {
  wants: Want[];
  /** Wants for which no stream was open when they came: what happened until it opens they have missed. */
  uncovered: Want[];
  heardAt: number;
}

interface Connection {
  want: Want;
  stream: Stream;
  /** Refused: the server is asked again when somebody wants something else. */
  state: 'opening' | 'open' | 'refused';
}

const keyOf = (want: Want) => JSON.stringify(want);

export class Hub {
  private readonly tabs = new Map<Port, Tab>();
  /** Tabs that were silent for too long. Some have only slept. */
  private readonly givenUp = new WeakSet<Port>();
  private readonly connections = new Map<string, Connection>();
  private readonly open: OpenStream;

  constructor(open: OpenStream) {
    this.open = open;
    setInterval(() => this.sweep(), SWEEP_MILLIS);
  }

  attach(port: Port) {
    port.onmessage = ({ data }) => this.hear(port, data);
  }

  private hear(port: Port, wants: FromTab) {
    const before = this.tabs.get(port);
    const known = new Set(before?.wants.map(keyOf));
    const held = new Set(before?.uncovered.map(keyOf));
    const fresh = wants.filter((want) => !known.has(keyOf(want)));
    const uncovered = wants.filter((want) => held.has(keyOf(want)) || (fresh.includes(want) && !this.isCovered(want)));
    if (wants.length === 0) this.tabs.delete(port);
    else this.tabs.set(port, { wants, uncovered, heardAt: Date.now() });
    if (this.givenUp.delete(port)) port.postMessage({ gap: wants });
    for (const tenant of new Set([...wants, ...(before?.wants ?? [])].map((want) => want.tenant))) {
      this.connect(tenant, fresh.length > 0);
    }
  }

  private isCovered(want: Want): boolean {
    const connection = this.connections.get(want.tenant);
    return connection?.state === 'open' && covers(connection.want, want);
  }

  /** Opens a stream that covers what is wanted, unless there is one; what more it brings is shed by the next sweep. */
  private connect(tenant: string, asksAgain: boolean) {
    const wanted = union(this.wantsOf(tenant));
    const connection = this.connections.get(tenant);
    if (wanted === null) {
      connection?.stream.close();
      this.connections.delete(tenant);
    } else if (!connection || !covers(connection.want, wanted) || (connection.state === 'refused' && asksAgain)) {
      this.reopen(tenant, wanted, connection);
    }
  }

  private reopen(tenant: string, want: Want, old: Connection | undefined) {
    const lastId = old?.state === 'refused' ? undefined : old?.stream.lastId;
    old?.stream.close();
    if (lastId === undefined) {
      this.eachTab(tenant, (tab, wants) => {
        tab.uncovered = [...tab.uncovered.filter((each) => each.tenant !== tenant), ...wants];
      });
    }
    const become = (state: Connection['state']) => {
      connection.state = state;
    };
    const stream = this.open(want, lastId, {
      onOpen: () => {
        become('open');
        this.tellUncovered(tenant);
      },
      onBreak: () => become('opening'),
      onRefused: () => become('refused'),
      onEvent: (event) => this.tellEvent(event),
      onGap: () => this.eachTab(tenant, (_, wants, port) => port.postMessage({ gap: wants })),
    });
    const connection: Connection = { want, stream, state: 'opening' };
    this.connections.set(tenant, connection);
  }

  private tellUncovered(tenant: string) {
    this.eachTab(tenant, (tab, _, port) => {
      const gap = tab.uncovered.filter((want) => want.tenant === tenant);
      tab.uncovered = tab.uncovered.filter((want) => want.tenant !== tenant);
      if (gap.length > 0) port.postMessage({ gap });
    });
  }

  private tellEvent(event: LiveEvent) {
    this.eachTab(event.tenant, (_, wants, port) => {
      if (wants.some((want) => isWanted(event, want))) port.postMessage({ event });
    });
  }

  /** Forgets tabs that have gone without a word, and sheds what nobody wants any more. */
  private sweep() {
    const now = Date.now();
    for (const [port, tab] of this.tabs) {
      if (now - tab.heardAt <= SILENT_MILLIS_MAX) continue;
      this.tabs.delete(port);
      this.givenUp.add(port);
    }
    for (const [tenant, connection] of this.connections) {
      const wanted = union(this.wantsOf(tenant));
      if (wanted === null) this.connect(tenant, false);
      else if (connection.state !== 'refused' && !covers(wanted, connection.want))
        this.reopen(tenant, wanted, connection);
    }
  }

  private wantsOf(tenant: string): Want[] {
    return [...this.tabs.values()].flatMap((tab) => tab.wants.filter((want) => want.tenant === tenant));
  }

  private eachTab(tenant: string, call: (tab: Tab, wants: Want[], port: Port) => void) {
    for (const [port, tab] of this.tabs) {
      const wants = tab.wants.filter((want) => want.tenant === tenant);
      if (wants.length > 0) call(tab, wants, port);
    }
  }
}
