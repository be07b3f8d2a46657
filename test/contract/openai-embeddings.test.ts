import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Problem, type ProblemCode } from '../../gateway/domain/problem.ts';
import { embeddingsDialect } from '../../gateway/pipeline/embeddings-dialect.ts';

const WHOLE = {
  model: 'mayo-cr',
  input: ['a cough', 'a rash'],
  encoding_format: 'base64',
  dimensions: 256,
  user: 'zebediah.quill',
};

test('everything that is accepted reaches the prompt, except who the user is', () => {
  assert.deepEqual(embeddingsDialect(WHOLE), {
    model: 'mayo-cr',
    streamed: false,
    prompt: { inputs: ['a cough', 'a rash'], encoding: 'base64', dimensions: 256 },
  });
});

test('one text is one input, and what is not said is floats at the length of the model', () => {
  const bare = { model: 'mayo-cr', input: 'a cough' };
  const nulls = { encoding_format: null, dimensions: null, user: null };
  for (const body of [bare, { ...bare, ...nulls }])
    assert.deepEqual(embeddingsDialect(body).prompt, { inputs: ['a cough'], encoding: 'float' });
});

test('2,048 inputs are accepted', () => {
  const input = Array.from({ length: 2_048 }, () => 'a cough');
  assert.equal(embeddingsDialect({ ...WHOLE, input }).prompt.inputs.length, 2_048);
});

const invalid = (fields: object, param: string): readonly [object, ProblemCode, string] => [
  fields,
  'invalid_parameter',
  param,
];

const REFUSED = [
  invalid({ input: '' }, 'input'),
  invalid({ input: [] }, 'input'),
  invalid({ input: ['a cough', ''] }, 'input.1'),
  invalid({ input: null }, 'input'),
  invalid({ input: [1_212, 318] }, 'input.0'),
  invalid({ input: [[1_212, 318]] }, 'input.0'),
  invalid({ input: ['a cough', 318] }, 'input.1'),
  invalid({ input: Array.from({ length: 2_049 }, () => 'a cough') }, 'input'),
  invalid({ input: 'x'.repeat(2_000_001) }, 'input'),
  invalid({ encoding_format: 'int8' }, 'encoding_format'),
  invalid({ dimensions: 0 }, 'dimensions'),
  invalid({ dimensions: 4_097 }, 'dimensions'),
  invalid({ dimensions: 1.5 }, 'dimensions'),
  invalid({ dimensions: '256' }, 'dimensions'),
  invalid({ model: '' }, 'model'),
  [{ input_type: 'query' }, 'unknown_parameter', 'input_type'],
  [{ stream: true }, 'unknown_parameter', 'stream'],
] as const;

for (const [fields, code, param] of REFUSED) {
  test(`refused by the name of the parameter: ${JSON.stringify(fields).slice(0, 60)}`, () => {
    assert.throws(
      () => embeddingsDialect({ ...WHOLE, ...fields }),
      (thrown) => thrown instanceof Problem && thrown.code === code && thrown.param === param,
    );
  });
}
