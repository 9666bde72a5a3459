/** Sends an action to the server; returns the server's message if it refuses. */
export async function act(name: string, wish: object): Promise<string | undefined> {
  const answer = await ask(name, wish);
  return typeof answer === 'string' ? answer : undefined;
}

/** Sends a request to the server; returns its answer, or its message if it refuses. */
export async function ask(name: string, wish: object): Promise<Response | string> {
  const answer = await fetch(`${location.pathname}/acts/${name}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(wish),
  }).catch(() => undefined);
  if (answer === undefined) return 'The server did not answer: try again.';
  if (answer.ok) return answer;
  const text = await answer.text();
  return answer.headers.get('content-type')?.includes('json') ? inWords(JSON.parse(text) as Problem) : text;
}

/** An RFC 9457 document, as the sensor fills it. */
interface Problem {
  readonly detail: string;
  readonly errors?: readonly { readonly field: string; readonly problem: string }[];
}

function inWords({ detail, errors = [] }: Problem): string {
  return [detail, ...errors.map(({ field, problem }) => `${field} ${problem}`)].join('; ');
}
