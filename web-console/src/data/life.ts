/** How an instance lived, as parts of a time line. */
import type { Instance, Stage } from './api';

export const STAGES: { stage: Stage; means: string }[] = [
  { stage: 'starting', means: 'its sandbox is being made' },
  { stage: 'generic', means: 'it runs and is nobody’s yet' },
  { stage: 'bound', means: 'it has got its release and becomes ready' },
  { stage: 'ready', means: 'it waits for a request' },
  { stage: 'serving', means: 'it has a request' },
  { stage: 'frozen', means: 'it has none, and its time stands still' },
  { stage: 'stopping', means: 'it ends and is cleared away' },
];

export interface Part {
  stage: Stage;
  from: number;
  to: number;
}

/** Its parts between begin and now, in milliseconds of the epoch, oldest first. */
export function parts(instance: Instance, begin: number, now: number): Part[] {
  const end = instance.diedAt ? Date.parse(instance.diedAt) : now;
  return instance.life
    .map((step, i) => {
      const next = instance.life[i + 1];
      return {
        stage: step.stage,
        from: Math.max(begin, Date.parse(step.since)),
        to: Math.min(now, next ? Date.parse(next.since) : end),
      };
    })
    .filter((part) => part.to >= part.from && part.to >= begin && part.from <= now);
}

/** What it is at: one word. */
export function present(instance: Instance): string {
  if (instance.state === 'reaped') return 'died';
  if (instance.state === 'draining') return 'draining';
  return instance.life.at(-1)?.stage ?? instance.state;
}

/** How long it was at what, for those who cannot see the line: the longest first. */
export function inWords(of: Part[]): string {
  const sums = new Map<Stage, number>();
  for (const part of of) sums.set(part.stage, (sums.get(part.stage) ?? 0) + part.to - part.from);
  return [...sums]
    .sort((one, other) => other[1] - one[1])
    .map(([stage, time]) => `${stage} ${lasting(time)}`)
    .join(', ');
}

/** "250 ms", "3 s", "4 min", "1 h". */
export function lasting(millis: number): string {
  if (millis < 1000) return `${Math.round(millis)} ms`;
  if (millis < 60_000) return `${Math.round(millis / 1000)} s`;
  if (millis < 3_600_000) return `${Math.round(millis / 60_000)} min`;
  return `${Math.round(millis / 3_600_000)} h`;
}

/** The server's clock may be ahead of the browser's: nothing that it tells of lies in the future. */
export function notBefore(now: number, instances: Instance[]): number {
  return instances.reduce(
    (latest, each) => Math.max(latest, Date.parse(each.diedAt ?? each.life.at(-1)?.since ?? each.bornAt)),
    now,
  );
}
