/** A request to the app, sent through the gateway as anybody's would be. */
import { type FormEvent, useState } from 'react';
import { appPath, call, type TestAnswer } from '../api';
import { Problem } from '../parts/parts';

export function TestRequest({ tenant, app }: { tenant: string; app: string }) {
  const [answer, setAnswer] = useState<TestAnswer | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const send = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const body = String(form.get('body') ?? '');
    const type = String(form.get('type') ?? '');
    setBusy(true);
    setProblem(null);
    try {
      setAnswer(
        await call<TestAnswer>('POST', `${appPath(tenant, app)}/test-request`, {
          method: form.get('method'),
          path: form.get('path'),
          ...(body ? { body, headers: { 'content-type': type } } : {}),
        }),
      );
    } catch (failure) {
      setProblem((failure as Error).message);
    } finally {
      setBusy(false);
    }
  };
  return (
    <section>
      <h2>Test request</h2>
      <form onSubmit={send}>
        <div className="row">
          <label>
            Method
            <select name="method">
              {['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].map((each) => (
                <option key={each}>{each}</option>
              ))}
            </select>
          </label>
          <label>
            Path
            <input name="path" defaultValue="/" required pattern="/.*" />
          </label>
          <label>
            Content type of the body
            <input name="type" defaultValue="application/json" />
          </label>
        </div>
        <label>
          Body
          <textarea name="body" rows={3} />
        </label>
        <button type="submit" disabled={busy}>
          {busy ? 'Waiting…' : 'Send'}
        </button>
      </form>
      <Problem text={problem} />
      {/* There before the answer: only then what comes into it is read out. */}
      <p aria-live="polite">
        {answer && (
          <>
            <strong>{answer.status}</strong> after {answer.durationMs} ms
            {answer.start && `, ${answer.start} start`}
            {answer.instance && (
              <>
                , instance <code>{answer.instance}</code>
              </>
            )}
          </>
        )}
      </p>
      {answer && (
        <section aria-label="Answer">
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable with the keyboard */}
          <pre className="lines" data-testid="answer" tabIndex={0}>
            {Object.entries(answer.headers)
              .map(([name, value]) => `${name}: ${value}`)
              .join('\n')}
            {'\n\n'}
            {answer.body}
          </pre>
        </section>
      )}
    </section>
  );
}
