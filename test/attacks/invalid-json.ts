/** Bodies that are not JSON (RFC 8259), each by the rule that it breaks; all written for this gateway. */
export function bodiesThatAreNoJson(good: string): ReadonlyMap<string, readonly Buffer[]> {
  const valued = (value: string) => Buffer.from(`{"model":${value}}`);
  const around = (text: string) => Buffer.from(text.replace('GOOD', good));
  const quoted = (inside: string) => Buffer.from(`{"model":"${inside}"}`, 'latin1');
  return new Map([
    ['cut off', Array.from({ length: good.length }, (_, end) => Buffer.from(good.slice(0, end)))],
    ['a word that is no literal', WORDS.map(valued)],
    ['a number that is none', NUMBERS.map(valued)],
    ['a control character in a string', CONTROLS.map((code) => quoted(String.fromCharCode(code)))],
    ['an escape that is none', ESCAPES.map(quoted)],
    ['quotes that do not pair', QUOTES.map((text) => Buffer.from(text))],
    ['a blank that is none', BLANKS.map((blank) => Buffer.from(`{"model":${blank}"mayo-cr"}`))],
    ['punctuation out of place', PUNCTUATION.map((text) => Buffer.from(text))],
    ['brackets that do not pair', BRACKETS.map((text) => Buffer.from(text))],
    ['a key that is no string', KEYS.map((key) => Buffer.from(`{${key}:"mayo-cr"}`))],
    ['something around it', AROUND.map(around)],
    ['another notation', NOTATIONS.map((text) => Buffer.from(text))],
    ['another encoding', encodingsOf(good)],
    ['a value that is no object', VALUES.map((text) => Buffer.from(text))],
  ]);
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => from + at);

const WORDS = [
  ...[
    'True',
    'TRUE',
    'tru',
    'truee',
    'False',
    'fals',
    'Null',
    'NULL',
    'nul',
    'nill',
    'nil',
    'None',
    'yes',
    'on',
  ],
  ...[
    'undefined',
    'NaN',
    '-NaN',
    'nan',
    'Infinity',
    '-Infinity',
    '+Infinity',
    'inf',
    'mayo-cr',
    '$model',
    '@x',
  ],
  ...['new Date()', 'function(){}', '/x/', 'Symbol()', '...x', '(1)', '!0', 'void 0', '<x/>', '\\u0031', '∞'],
];
const NUMBERS = [
  ...['01', '-01', '00', '-00', '+1', '++1', '--1', '-', '+', '.', '.5', '-.5', '1.', '-1.', '1..2', '1.2.3'],
  ...['1e', '1e+', '1e-', '1E', '1.e1', '0.e1', '.e1', '1ee2', '1e2e3', '1e2.5', '1e+-2', '0e', 'e5', '-e5'],
  ...[
    '0x10',
    '0X1F',
    '0b1',
    '0o7',
    '1_000',
    '1 000',
    '1,000',
    "1'000",
    '1n',
    '1f',
    '1L',
    '5%',
    '$5',
    '1-1',
    '1+1',
  ],
  ...['1/2', '１', '²', '½', '٣', '1\u20e3', '- 1', '1 e2'],
];
const CONTROLS = range(0, 32);
const ESCAPES = [
  ...['a', 'c', 'd', 'e', 'g', 'v', 'x41', 'X41', '0', '1', '8', "'", '`', '(', ' ', '\n', 'N{DIGIT ONE}'],
  ...['u', 'u1', 'u12', 'u123', 'u12G4', 'u-123', 'u+123', 'u 123', 'u{41}', 'U00000041', 'uuuu', '\u00e9'],
].map((letters) => `x\\${letters}`);
const QUOTES = [
  ...[
    '{"model":"mayo-cr}',
    '{"model:"mayo-cr"}',
    '{"model":"mayo"cr"}',
    '{"model":mayo-cr"}',
    '{"model":"mayo-cr\\"}',
  ],
  ...[
    "{'model':'mayo-cr'}",
    '{"model":\'mayo-cr\'}',
    '{"model":`mayo-cr`}',
    '{“model”:“mayo-cr”}',
    '{"model":"""x"""}',
  ],
  ...['"', '"\\', "'", '{"', '{"model":"a""b"}', '{"model":"a" "b"}', '{"model":"a"+"b"}'],
];
const BLANKS = [
  ...[
    '\u0000',
    '\u0008',
    '\u000b',
    '\u000c',
    '\u001f',
    '\u007f',
    '\u0085',
    '\u00a0',
    '\u1680',
    '\u2003',
    '\u2028',
  ],
  ...['\u2060', '\u3000', '\ufeff', '\u200b', '\\n', '\\t', '&nbsp;', '+'],
];
const PUNCTUATION = [
  ...['{"model" "mayo-cr"}', '{"model"="mayo-cr"}', '{"model"=>"mayo-cr"}', '{"model";"mayo-cr"}'],
  ...['{"model"::"mayo-cr"}', '{"model":}', '{:"mayo-cr"}', '{"model"}', '{"model","x"}', '{"a":1:2}'],
  ...[
    '{"a":1,}',
    '{,"a":1}',
    '{"a":1,,"b":2}',
    '{"a":1 "b":2}',
    '{"a":1;"b":2}',
    '{,}',
    '{"a":[1,]}',
    '{"a":[,1]}',
  ],
  ...[
    '{"a":[1,,2]}',
    '{"a":[1 2]}',
    '{"a":[,]}',
    '{"a":[1;2]}',
    '{"a":[1:2]}',
    '{"a":["b":1]}',
    '{"a":{1}}',
    '{"a":{"b"}}',
  ],
];
const BRACKETS = [
  ...[
    '{',
    '}',
    '{{',
    '{}}',
    '{{}}',
    '{"a":[}',
    '{"a":{]}',
    '{"a":[1}',
    '{"a":(1)}',
    '{"a":<1>}',
    '{"a":[1]]}',
    '[{]}',
  ],
  ...['{"a":{"b":{}', '{"a":[[[]]}', '{"a":}{', ']{', '({})', '<{}>', '{"a":[1)]}'],
];
const KEYS = [
  'model',
  'null',
  '1',
  'true',
  '["model"]',
  '{}',
  '*',
  '$',
  "'model'",
  'model-name',
  '"a""b"',
  '"a" b',
];
const AROUND = [
  ...[
    'GOODx',
    'xGOOD',
    'GOOD,',
    ',GOOD',
    'GOOD;',
    'GOODGOOD',
    'GOOD\nGOOD',
    'GOOD{}',
    'GOOD[]',
    'GOOD"x"',
    'GOOD1',
  ],
  ...[
    '// x\nGOOD',
    'GOOD// x',
    '/* x */GOOD',
    'GOOD/* x */',
    '# x\nGOOD',
    '-- x\nGOOD',
    '<!-- x -->GOOD',
    '\ufeffGOOD',
  ],
  ...[
    ")]}',\nGOOD",
    'while(1);GOOD',
    'for(;;);GOOD',
    'callback(GOOD)',
    'data: GOOD',
    'body=GOOD',
    'GOOD\u0000',
  ],
  ...['\u0000GOOD', '\u001eGOOD', '```json\nGOOD\n```', '"GOOD"', '(GOOD)', 'GOOD\\', '\\GOOD', 'GOOD\u00a0'],
];
const NOTATIONS = [
  ...[
    'model: mayo-cr',
    '---\nmodel: mayo-cr',
    'model = "mayo-cr"',
    '[model]\nname = 1',
    '<model>mayo-cr</model>',
  ],
  ...['model=mayo-cr&messages=x', 'model,messages\nmayo-cr,x', '{:model "mayo-cr"}', '%7B%22model%22%3A1%7D'],
  ...[
    'eyJtb2RlbCI6Im1heW8tY3IifQ==',
    '7b7d',
    '{model:1}',
    '{ "a": +1 }',
    '{"a": .1}',
    '[{',
    '{"a":1',
    '\\{"a":1\\}',
  ],
];
const VALUES = [
  'null',
  'true',
  'false',
  '0',
  '-1',
  '1.5',
  '1e400',
  '"x"',
  '""',
  '[]',
  '[[]]',
  '[{}]',
  ' ',
  '\n',
  '\t',
];

/** Two bytes a character have zeros or marks in them that UTF-8 JSON has not; lone bytes are no characters at all. */
function encodingsOf(good: string): readonly Buffer[] {
  const little = Buffer.from(good, 'utf16le');
  const big = Buffer.from(little).swap16();
  const broken = [[0xff], [0xc0, 0xaf], [0xe2, 0x82], [0xed, 0xa0, 0x80], [0xf5, 0x80, 0x80, 0x80], [0x80]];
  return [
    little,
    big,
    Buffer.concat([Buffer.from([0xff, 0xfe]), little]),
    Buffer.concat([Buffer.from([0xfe, 0xff]), big]),
    ...broken.map((bytes) => Buffer.from([...Buffer.from('{"model":"'), ...bytes, ...Buffer.from('"}')])),
    ...broken.map((bytes) => Buffer.from([...bytes, ...Buffer.from(good)])),
  ];
}
