/** Life and death of instances, while it happens and over the last hour. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { AppRef, Instance } from '../../data/api';
import { useGathered, useNow } from '../../data/clock';
import { notBefore, present, STAGES } from '../../data/life';
import { useLive } from '../../data/live/tab';
import { appQuery, DEAD_KEPT, instancesQuery } from '../../data/queries';
import { LifeLine } from '../../parts/LifeLine';
import { Empty, Problem, State } from '../../parts/parts';
import { ago, count } from '../../parts/text';
import { InstanceTable } from './InstanceTable';
import './lives.css';

const HELD_MAX = 200;
const SHOWN_MAX = 30;
const MINUTE = 60_000;
const NAMES: Record<number, string> = { 1: 'the last minute', 60: 'the last hour' };
const WINDOWS = [1, 5, 15, 60];

/** Puts a changed instance where it belongs: living ones first, newest first. */
export function placed(all: Instance[], changed: Instance): Instance[] {
  const rest = all.filter((each) => each.id !== changed.id);
  return [changed, ...rest]
    .sort(
      (one, other) =>
        Number(one.state === 'reaped') - Number(other.state === 'reaped') || other.bornAt.localeCompare(one.bornAt),
    )
    .slice(0, HELD_MAX);
}

/** The shortest window in which all were born, of a young app; else the last hour. */
export function fitting(instances: Instance[], now: number): number {
  const oldest = Math.min(...instances.map((each) => Date.parse(each.bornAt)));
  return WINDOWS.find((minutes) => oldest >= now - minutes * MINUTE) ?? 60;
}

export function Instances({ at }: { at: AppRef }) {
  const query = instancesQuery(at);
  const instances = useQuery(query);
  const gitUrl = useQuery(appQuery(at)).data?.gitUrl;
  const queries = useQueryClient();
  const take = useGathered<Instance>(250, (changed) =>
    queries.setQueryData(query.queryKey, (all) => all && changed.reduce(placed, all)),
  );
  useLive(at.tenant, at.app, 'instance', (event) => {
    if (event === null) void instances.refetch();
    else if (event.type === 'instance.changed') take(event.data);
  });
  return (
    <section>
      <h2>Instances</h2>
      <Problem error={instances.error} />
      {instances.data?.length === 0 && (
        <Empty>
          Nothing runs and nothing has. The next request starts an instance.
          {gitUrl && (
            <>
              {' '}
              To deploy: <code>git push {gitUrl} main</code>
            </>
          )}
        </Empty>
      )}
      {!!instances.data?.length && (
        <>
          <Lives instances={instances.data} />
          <details>
            <summary>The same as a table</summary>
            <InstanceTable instances={instances.data} />
          </details>
        </>
      )}
    </section>
  );
}

function Lives({ instances }: { instances: Instance[] }) {
  const [minutes, setMinutes] = useState(() => fitting(instances, Date.now()));
  const [all, setAll] = useState(false);
  const now = notBefore(useNow(1000), instances);
  const begin = now - minutes * MINUTE;
  const seen = instances.filter((each) => each.state !== 'reaped' || Date.parse(each.diedAt ?? '') >= begin);
  const shown = all ? seen : seen.slice(0, SHOWN_MAX);
  const living = instances.filter((each) => each.state !== 'reaped').length;
  const died = seen.length - living;
  return (
    <>
      <div className="row">
        <label>
          Time shown
          <select value={minutes} onChange={(event) => setMinutes(Number(event.target.value))}>
            {WINDOWS.map((each) => (
              <option key={each} value={each}>
                {NAMES[each] ?? `the last ${each} minutes`}
              </option>
            ))}
          </select>
        </label>
        <p className="sum">
          {living} live, {died} died in this time{died >= DEAD_KEPT && ' at least'}
        </p>
      </div>
      <div className="axis" aria-hidden="true">
        <span>{minutes} min ago</span>
        <span>{minutes === 1 ? '30 s' : `${minutes / 2} min`}</span>
        <span>now</span>
      </div>
      {seen.length === 0 && <Empty>None lived in this time.</Empty>}
      <ol className="lives">
        {shown.map((each) => (
          <li key={each.id} className={each.state === 'reaped' ? 'dead' : undefined}>
            <div className="who">
              <code>{each.id}</code> <span>{each.release}</span>
            </div>
            <LifeLine instance={each} begin={begin} now={now} />
            <Fate of={each} now={now} />
          </li>
        ))}
      </ol>
      {seen.length > shown.length && (
        <button type="button" className="quiet" onClick={() => setAll(true)}>
          Show all {seen.length}
        </button>
      )}
      <Legend />
    </>
  );
}

function Fate({ of, now }: { of: Instance; now: number }) {
  return (
    <div className="fate">
      <State value={present(of)} />
      {of.diedOf && (
        <span>
          {' '}
          of {of.diedOf}
          {of.diedAt && `, ${ago(of.diedAt, now)}`}
          {of.detail && of.detail !== of.diedOf && `: ${of.detail}`}
        </span>
      )}
      <small>
        born {ago(of.bornAt, now)}
        {of.boundAt && `, bound ${ago(of.boundAt, now)}`}
        {`, ${count(of.served, 'request')}`}
        {of.active > 0 && `, ${of.active} now`}
      </small>
    </div>
  );
}

function Legend() {
  return (
    <dl className="legend">
      {STAGES.map(({ stage, means }) => (
        <div key={stage}>
          <dt>
            <span className={`part stage-${stage}`} aria-hidden="true" />
            {stage}
          </dt>
          <dd>{means}</dd>
        </div>
      ))}
      <div>
        <dt>
          <span aria-hidden="true">● ◆ ✕</span> marks
        </dt>
        <dd>born, bound, died</dd>
      </div>
    </dl>
  );
}
