/** A request to the app, sent through the gateway as anybody's would be. */
import { useMutation } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { type AppRef, api, done, type TestRequest as Request } from '../../data/api';
import { Problem } from '../../parts/parts';

export function TestRequest({ at }: { at: AppRef }) {
  const test = useMutation({
    mutationFn: (body: Request) =>
      done(api.POST('/api/v1/tenants/{tenant}/apps/{app}/test-request', { params: { path: at }, body })),
  });
  const send = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? '');
    const body = text('body');
    const withBody = body ? { body, headers: { 'content-type': text('type') } } : {};
    test.mutate({ method: text('method'), path: text('path'), ...withBody });
  };
  const answer = test.data;
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
        <button type="submit" disabled={test.isPending}>
          {test.isPending ? 'Waiting…' : 'Send'}
        </button>
      </form>
      <Problem error={test.error} />
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
