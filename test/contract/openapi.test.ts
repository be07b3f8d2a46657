import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CATALOGUE } from '../../gateway/actions/catalogue.ts';
import { openApiDocument } from '../../gateway/contract/openapi.ts';
import { PROBLEMS } from '../../gateway/domain/problem.ts';

const about = { publicUrl: () => 'https://gateway.example', version: '9.9.9' };
const document = JSON.parse(JSON.stringify(openApiDocument(about, CATALOGUE))) as Node;

type Node = { readonly [name: string]: unknown };
const nodeOf = (value: unknown): Node => (typeof value === 'object' && value !== null ? (value as Node) : {});

function* everyNode(value: unknown): Generator<Node> {
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) yield value as Node;
  for (const inner of Object.values(value)) yield* everyNode(inner);
}

function resolve(pointer: string): unknown {
  assert.ok(pointer.startsWith('#/'), `${pointer} leads out of the document`);
  return pointer
    .slice(2)
    .split('/')
    .reduce<unknown>(
      (node, step) => nodeOf(node)[step.replaceAll('~1', '/').replaceAll('~0', '~')],
      document,
    );
}

/** A response, or the component that it refers to. */
function described(response: unknown): Node {
  const { $ref: reference } = nodeOf(response);
  return typeof reference === 'string' ? nodeOf(resolve(reference)) : nodeOf(response);
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete', 'head', 'options', 'trace'];
const operations = () =>
  Object.entries(nodeOf(document.paths)).flatMap(([path, item]) =>
    Object.entries(nodeOf(item)).map(([method, operation]) => ({
      path,
      method,
      operation: nodeOf(operation),
    })),
  );

test('the description is OpenAPI 3.1 with the parts that it must have', () => {
  assert.match(String(document.openapi), /^3\.1\.\d+$/);
  const info = nodeOf(document.info);
  assert.ok(typeof info.title === 'string' && info.version === '9.9.9');
  assert.deepEqual(document.servers, [{ url: 'https://gateway.example' }]);
  for (const { path, method, operation } of operations()) {
    assert.ok(METHODS.includes(method), `${method} of ${path}`);
    assert.ok(path.startsWith('/'));
    const responses = Object.entries(nodeOf(operation.responses));
    assert.ok(responses.length > 0, path);
    for (const [status, response] of responses) {
      assert.match(status, /^([1-5]\d\d|default)$/);
      assert.equal(typeof described(response).description, 'string', `${method} ${path} ${status}`);
    }
  }
});

test('every reference in it leads somewhere inside it', () => {
  const references = [...everyNode(document)].flatMap((node) =>
    typeof node.$ref === 'string' ? [node.$ref] : [],
  );
  assert.ok(references.length > 20);
  for (const reference of references) assert.notEqual(resolve(reference), undefined, reference);
});

test('every act of the catalogue is in it, with its status and what it takes', () => {
  for (const act of CATALOGUE) {
    const path = act.path.replaceAll(/:([a-z_]+)/g, '{$1}');
    const operation = nodeOf(nodeOf(nodeOf(document.paths)[path])[act.method]);
    assert.equal(operation.summary, act.summary);
    assert.ok(String(act.status) in nodeOf(operation.responses));
  }
});

test('every name in a path is declared as a required parameter of the path, and nothing else is', () => {
  for (const { path, method, operation } of operations()) {
    const named = [...path.matchAll(/\{([a-z_]+)\}/g)].map(([, name]) => String(name));
    const parameters = Array.isArray(operation.parameters) ? operation.parameters.map(nodeOf) : [];
    const declared = parameters.filter((one) => one.in === 'path');
    assert.deepEqual(declared.map((one) => one.name).toSorted(), named.toSorted(), `${method} ${path}`);
    assert.ok(declared.every((one) => one.required === true));
  }
});

test('the model plane and operations are in it', () => {
  const paths = Object.keys(nodeOf(document.paths));
  for (const base of ['/v1', '/openai/v1', '/openai']) {
    for (const tail of ['/chat/completions', '/responses', '/embeddings', '/models', '/models/{id}'])
      assert.ok(paths.includes(base + tail));
  }
  for (const tail of ['chat/completions', 'responses', 'embeddings'])
    assert.ok(paths.includes(`/openai/deployments/{deployment}/${tail}`));
  for (const path of ['/healthz', '/readyz', '/metrics']) assert.ok(paths.includes(path));
});

test('the request schemas allow nothing that is not named', () => {
  const schemas = nodeOf(nodeOf(document.components).schemas);
  for (const name of ['ChatCompletionRequest', 'ResponsesRequest', 'EmbeddingsRequest'])
    assert.equal(nodeOf(schemas[name]).additionalProperties, false);
});

test('the codes of problems are those of the table, and each status says which may come', () => {
  const schemas = nodeOf(nodeOf(document.components).schemas);
  assert.deepEqual(nodeOf(schemas.ProblemCode).enum, Object.keys(PROBLEMS));
  const asking = nodeOf(nodeOf(nodeOf(nodeOf(document.paths)['/v1/chat/completions']).post).responses);
  for (const status of ['400', '401', '403', '404', '413', '415', '429', '500', '502', '503', '504']) {
    const { description } = described(asking[status]);
    const codes = [...String(description).matchAll(/`([a-z_]+)`/g)].map(([, code]) => code);
    const expected = Object.entries(PROBLEMS).filter(([, row]) => String(row.status) === status);
    assert.deepEqual(
      codes,
      expected.map(([code]) => code),
      status,
    );
  }
});
