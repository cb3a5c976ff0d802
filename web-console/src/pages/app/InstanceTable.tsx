/** Instances in columns: for exact times, and for who prefers words to lines. */
import type { Instance } from '../../data/api';
import { present } from '../../data/life';
import { State } from '../../parts/parts';
import { clock } from '../../parts/text';

export function InstanceTable({ instances }: { instances: Instance[] }) {
  return (
    <div className="scroll">
      <table>
        <thead>
          <tr>
            <th scope="col">Instance</th>
            <th scope="col">State</th>
            <th scope="col">Release</th>
            <th scope="col">Born</th>
            <th scope="col">Bound</th>
            <th scope="col">Ready</th>
            <th scope="col">Requests</th>
            <th scope="col">Died</th>
            <th scope="col">Of</th>
            <th scope="col">Class</th>
            <th scope="col">Server</th>
          </tr>
        </thead>
        <tbody>
          {instances.map((each) => (
            <tr key={each.id} className={each.state === 'reaped' ? 'dead' : undefined}>
              <td>
                <code>{each.id}</code>
              </td>
              <td>
                <State value={present(each)} />
              </td>
              <td>{each.release}</td>
              <td>{clock(each.bornAt)}</td>
              <td>{each.boundAt ? clock(each.boundAt) : '–'}</td>
              <td>{each.readyAt ? clock(each.readyAt) : '–'}</td>
              <td>
                {each.served}
                {each.active > 0 && ` (${each.active} now)`}
              </td>
              <td>{each.diedAt ? clock(each.diedAt) : '–'}</td>
              <td className="long">
                {each.diedOf ?? ''}
                {each.detail && each.detail !== each.diedOf && `: ${each.detail}`}
              </td>
              <td>{each.runtime}</td>
              <td>{each.server}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
