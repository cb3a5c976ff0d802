/** What the pools of all servers hold, aim at and have given out: for those who run the installation. */
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { Pool } from '../data/api';
import { lasting } from '../data/life';
import { poolsQuery } from '../data/queries';
import { Problem } from '../parts/parts';
import './pool.css';

const MET: Record<string, string> = {
  warm: 'an instance that was ready',
  thawed: 'a frozen one that was thawed',
  pool: 'a generic one that got its release',
  fresh: 'one that was ready and serves this request alone',
  cold: 'a start from nothing',
};

export function PoolPage() {
  const pools = useQuery(poolsQuery);
  return (
    <>
      <h1>Pool</h1>
      <Problem error={pools.error} />
      {pools.data?.map((pool) => (
        <OnePool key={pool.server} pool={pool} />
      ))}
    </>
  );
}

function OnePool({ pool }: { pool: Pool }) {
  const generic = pool.generics.reduce((sum, kind) => sum + kind.ready + kind.starting, 0);
  const states = Object.entries(pool.instances);
  const instances = states.reduce((sum, [, number]) => sum + number, generic);
  return (
    <section aria-label={`Server ${pool.server}`}>
      <h2>
        Server <code>{pool.server}</code>
      </h2>
      <div className="gauges">
        <Gauge name="Instances" value={instances} max={pool.caps.instances}>
          {[...states, ['generic', generic] as const]
            .filter(([, number]) => number > 0)
            .map(([state, number]) => `${number} ${state}`)
            .join(', ') || 'none'}
        </Gauge>
        <Gauge name="Starts under way" value={pool.starts} max={pool.caps.starts} />
        <Gauge name="Requests waiting" value={pool.waiting}>
          at most {pool.caps.waiting} of one release
        </Gauge>
        <Gauge name="Memory by limits" value={pool.memoryMib} max={pool.caps.memoryMib} unit="MiB">
          {pool.memoryFreeMib !== null && `${pool.memoryFreeMib} MiB of the machine are free; `}
          below {pool.caps.memoryReserveMib} MiB idle instances go
        </Gauge>
      </div>
      <Generics pool={pool} />
      <Claims pool={pool} />
      <p className="empty">
        One tenant may have {pool.caps.tenantInstances} instances with {pool.caps.tenantMemoryMib} MiB, one release{' '}
        {pool.caps.releaseInstances}; of each generic kind {pool.caps.genericOfKind} wait at most.
      </p>
    </section>
  );
}

function Gauge(props: { name: string; value: number; max?: number; unit?: string; children?: ReactNode }) {
  const { name, value, max, unit = '', children } = props;
  return (
    <div className="gauge">
      <h3>{name}</h3>
      <p>
        <strong>{value}</strong>
        {max !== undefined && ` of ${max}`} {unit}
      </p>
      {max !== undefined && <meter aria-label={name} value={value} max={max} high={max * 0.8} optimum={0} />}
      <small>{children}</small>
    </div>
  );
}

function Generics({ pool }: { pool: Pool }) {
  return (
    <>
      <h3>Generic instances</h3>
      {pool.generics.length === 0 ? (
        <p className="empty">None are held: no release that is served can be made of one.</p>
      ) : (
        <div className="scroll">
          <table>
            <thead>
              <tr>
                <th scope="col">Kind</th>
                <th scope="col">Ready</th>
                <th scope="col">Starting</th>
                <th scope="col">Target</th>
                <th scope="col">Refill takes</th>
                <th scope="col">Claims</th>
                <th scope="col">Misses</th>
              </tr>
            </thead>
            <tbody>
              {pool.generics.map((kind) => (
                <tr key={kind.kind}>
                  <td className="long">
                    <code>{kind.kind}</code>
                  </td>
                  <td>{kind.ready}</td>
                  <td>{kind.starting}</td>
                  <td>{kind.target}</td>
                  <td>{kind.refillMs > 0 ? lasting(kind.refillMs) : '–'}</td>
                  <td>{kind.claims}</td>
                  <td>{kind.misses}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}

function Claims({ pool }: { pool: Pool }) {
  const total = Object.values(pool.claims).reduce((sum, number) => sum + number, 0);
  return (
    <>
      <h3>What requests met since the server started</h3>
      <div className="scroll">
        <table>
          <thead>
            <tr>
              <th scope="col">Start</th>
              <th scope="col">Requests</th>
              <th scope="col">Share</th>
              <th scope="col">Means</th>
            </tr>
          </thead>
          <tbody>
            {Object.entries(pool.claims).map(([kind, number]) => (
              <tr key={kind}>
                <th scope="row">{kind}</th>
                <td>{number}</td>
                <td>{total > 0 ? `${((100 * number) / total).toFixed(1)} %` : '–'}</td>
                <td className="long">{MET[kind] ?? ''}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p>
        {pool.misses} met no instance with room. {pool.genericClaims} instances were made of a generic one,{' '}
        {pool.genericMisses} could have been, had there been one.
      </p>
    </>
  );
}
