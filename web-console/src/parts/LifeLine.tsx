/** An instance's life as a line. Who cannot see it reads the same in words. */
import type { Instance } from '../data/api';
import { inWords, parts } from '../data/life';

/** What is shorter than this is still seen. */
const WIDTH_MIN = '3px';

export function LifeLine({ instance, begin, now }: { instance: Instance; begin: number; now: number }) {
  const lived = parts(instance, begin, now);
  const place = (time: number) => `${(100 * (time - begin)) / (now - begin)}%`;
  const marks = [
    { name: 'born', sign: '●', at: instance.bornAt },
    { name: 'bound', sign: '◆', at: instance.boundAt },
    { name: 'died', sign: '✕', at: instance.diedAt },
  ];
  return (
    <div className="life" role="img" aria-label={inWords(lived) || 'not alive in this time'}>
      {lived.map((part) => (
        <span
          key={`${part.stage}${part.from}`}
          className={`part stage-${part.stage}`}
          style={{
            left: place(part.from),
            width: `max(${WIDTH_MIN}, ${(100 * (part.to - part.from)) / (now - begin)}%)`,
          }}
          title={`${part.stage} from ${new Date(part.from).toLocaleTimeString()}`}
        >
          <span className="name">{part.stage}</span>
        </span>
      ))}
      {marks.map(
        ({ name, sign, at }) =>
          at &&
          Date.parse(at) >= begin && (
            <span
              key={name}
              className={`mark mark-${name}`}
              style={{ left: place(Math.min(now, Date.parse(at))) }}
              title={`${name} ${new Date(at).toLocaleTimeString()}`}
            >
              {sign}
            </span>
          ),
      )}
    </div>
  );
}
