export async function greet(request) {
  const name = new URL(request.url).searchParams.get('name') ?? 'world';
  return `Hello, ${name}`;
}
