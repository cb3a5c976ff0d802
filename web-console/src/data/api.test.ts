import { expect, expectTypeOf, it } from 'vitest';
import { ApiError, type App, done, type Instance, type TestRequest } from './api';
import { retries } from './queries';

const answer = (status: number) => new Response(null, { status });

it('gives the body of what succeeded', async () => {
  expect(await done(Promise.resolve({ data: { name: 'a' }, response: answer(200) }))).toEqual({ name: 'a' });
  expect(await done(Promise.resolve({ response: answer(204) }))).toBeUndefined();
});

it('throws what the server says went wrong', async () => {
  const error = {
    type: 'about:blank',
    title: 'No',
    status: 409,
    code: 'app.exists',
    detail: 'there is one',
    blame: 'caller' as const,
    requestId: 'req_1',
  };
  const failure = await done(Promise.resolve({ error, response: answer(409) })).catch((thrown) => thrown);
  expect(failure).toBeInstanceOf(ApiError);
  expect(failure).toMatchObject({ status: 409, code: 'app.exists', message: 'there is one' });
});

it('has words for an answer that says nothing', async () => {
  await expect(done(Promise.resolve({ response: answer(502) }))).rejects.toThrow('the server answered 502');
});

it('asks again when nothing was answered, not when it was refused', () => {
  expect(retries(0, new TypeError('Failed to fetch'))).toBe(true);
  expect(retries(2, new TypeError('Failed to fetch'))).toBe(false);
  expect(retries(0, new ApiError(404, 'app.unknown', ''))).toBe(false);
});

it('has no field and no value that the document has not', () => {
  // Checked by the compiler, from which what is expected and does not come is an error.
  expectTypeOf<App>().not.toHaveProperty('colour');
  expectTypeOf<Instance['state']>().not.toEqualTypeOf<string>();
  // @ts-expect-error: a request has a path
  expectTypeOf({ method: 'GET' }).toExtend<TestRequest>();
});
