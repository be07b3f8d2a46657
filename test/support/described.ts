import assert from 'node:assert/strict';
import { z } from 'zod';
import { readStream } from './sse.ts';

type Node = Readonly<Record<string, unknown>>;

/** A gateway's own OpenAPI document, as a judge of its answers. */
export interface Description {
  /** Fails unless the document foresees this answer: its status, its headers, its type, and its body or each frame. */
  judge(operation: string, response: Response): Promise<void>;
}

/** Reads the document where the gateway serves it. */
export async function readDescription(url: string): Promise<Description> {
  const text = await (await fetch(`${url}/openapi.json`)).text();
  const document = JSON.parse(text.replaceAll('#/components/schemas/', '#/$defs/')) as Node;
  const components = nodeOf(document.components);
  const validator = (schema: Node) =>
    z.fromJSONSchema({ ...schema, $defs: components.schemas } as Parameters<typeof z.fromJSONSchema>[0]);
  const validate = (schema: unknown, value: unknown, what: string) => {
    const { error } = validator(nodeOf(schema)).safeParse(value);
    assert.equal(error, undefined, `${what}: ${JSON.stringify(value)?.slice(0, 400)}`);
  };
  const responseOf = (operation: string, status: number): Node => {
    const [method = '', path = ''] = operation.split(' ');
    const found = nodeOf(nodeOf(nodeOf(nodeOf(document.paths)[path])[method.toLowerCase()]).responses)[
      status
    ];
    assert.ok(found !== undefined, `${operation} does not foresee ${status}`);
    const name = /^#\/components\/responses\/(\w+)$/.exec(String(nodeOf(found).$ref))?.[1];
    return nodeOf(name === undefined ? found : nodeOf(components.responses)[name]);
  };
  return {
    judge: async (operation, response) => {
      const body = await response.text();
      const what = `${operation} ${response.status}`;
      const expected = responseOf(operation, response.status);
      judgeHeaders(nodeOf(expected.headers), response.headers, (schema, value) =>
        validate(schema, value, what),
      );
      const type = (response.headers.get('content-type') ?? '').split(';')[0] ?? '';
      const content = nodeOf(nodeOf(expected.content)[type]);
      assert.ok(content.schema !== undefined, `${what} does not foresee ${type}`);
      for (const value of valuesIn(type, body)) validate(content.schema, value, what);
    },
  };
}

/** What the body says: one value, or one for each frame of a stream. */
function valuesIn(type: string, body: string): readonly unknown[] {
  if (type === 'text/event-stream') return readStream(body).chunks;
  return [type.endsWith('json') ? JSON.parse(body) : body];
}

/** Headers that the gateway adds by itself; each must be declared where it is sent. */
const OWN = /^(x-stewardgate-|x-ratelimit-|x-should-retry|retry-after|x-request-id|apim-request-id)/;

function judgeHeaders(
  declared: Node,
  sent: Headers,
  validate: (schema: unknown, value: string) => void,
): void {
  for (const [name, header] of Object.entries(declared)) {
    const value = sent.get(name);
    if (value !== null) validate(nodeOf(header).schema, value);
    else assert.notEqual(nodeOf(header).required, true, `${name} is missing`);
  }
  const own = [...sent.keys()].filter((name) => OWN.test(name));
  for (const name of own.filter(() => Object.keys(declared).length > 0))
    assert.ok(Object.hasOwn(declared, name), `${name} is not declared`);
}

function nodeOf(value: unknown): Node {
  return typeof value === 'object' && value !== null ? (value as Node) : {};
}
