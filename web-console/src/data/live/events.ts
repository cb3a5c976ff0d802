/** What pages want of the live events, and how tabs and the hub tell each other. */
import type { LiveEvent } from '../api';

type TopicOf<Type> = Type extends `${infer Topic}.${string}` ? Topic : never;

/** The first word of events' types. */
export type Topic = TopicOf<LiveEvent['type']>;

/** Events of a tenant, of one app or (null) of all, on topics. */
export interface Want {
  tenant: string;
  app: string | null;
  topics: Topic[];
}

/** All that a tab wants. The last one holds; it is sent again from time to time, so that a tab that has gone is noticed. */
export type FromTab = Want[];

/** An event; or wants of which events may have been missed, so that state must be asked for anew. */
export type ToTab = { event: LiveEvent } | { gap: Want[] };

const topicOf = (event: LiveEvent) => event.type.slice(0, event.type.indexOf('.')) as Topic;

export function isWanted(event: LiveEvent, want: Want): boolean {
  return (
    event.tenant === want.tenant &&
    (want.app === null || want.app === event.app) &&
    want.topics.includes(topicOf(event))
  );
}

/** Whether who gets all that is wanted by `wide` gets all that is wanted by `narrow`. */
export function covers(wide: Want | null, narrow: Want): boolean {
  return (
    wide !== null &&
    wide.tenant === narrow.tenant &&
    (wide.app === null || wide.app === narrow.app) &&
    narrow.topics.every((each) => wide.topics.includes(each))
  );
}

/** The least that covers all of them, which are of one tenant; null: nothing is wanted. */
export function union(wants: Want[]): Want | null {
  const [first] = wants;
  if (!first) return null;
  return {
    tenant: first.tenant,
    app: wants.every((each) => each.app === first.app) ? first.app : null,
    topics: [...new Set(wants.flatMap((each) => each.topics))].sort(),
  };
}
