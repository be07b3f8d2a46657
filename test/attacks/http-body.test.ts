import assert from 'node:assert/strict';
import { brotliCompressSync, constants, gzipSync, zstdCompressSync } from 'node:zlib';
import { CANARY, post, refused, row, underAttack } from './catalogue.ts';
import { bodiesThatAreNoJson } from './invalid-json.ts';

const target = underAttack(() => ({}));

const GOOD = `{"model":"mayo-cr","messages":[{"role":"user","content":"${CANARY}"}]}`;

row('H07', 'nothing is decompressed, however much it would become', async () => {
  const bomb = Buffer.alloc(16 * 1024 * 1024, 0x20);
  const quick = { params: { [constants.BROTLI_PARAM_QUALITY]: 0 } };
  const gzip = gzipSync(bomb, { level: 1 });
  const packed = {
    gzip,
    br: brotliCompressSync(bomb, quick),
    zstd: zstdCompressSync(bomb),
    'gzip, gzip': gzipSync(gzip),
    'x-gzip': gzip,
  };
  for (const [encoding, bytes] of Object.entries(packed)) {
    const answer = await post(target, bytes, { 'content-encoding': encoding });
    await refused(target, answer, { status: 415, code: 'unsupported_media_type' });
  }
});

row('H08', 'nesting beyond 64 levels is refused, in objects, lists and both, however deep', async () => {
  const nests = (open: string, close: string, levels: number) =>
    Buffer.from(`{"model":"mayo-cr","messages":${open.repeat(levels)}1${close.repeat(levels)}}`);
  const deep = [nests('{"a":', '}', 64), nests('{"a":', '}', 5_000), nests('[', ']', 200_000)];
  for (const body of [...deep, nests('[{"a":', '}]', 32)]) {
    const answer = await post(target, body);
    await refused(target, answer, { status: 400, code: 'json_too_deep' });
  }
});

for (const [broken, bodies] of bodiesThatAreNoJson(GOOD)) {
  row('H16', `a body is refused for ${broken}, in each of ${bodies.length} ways`, async () => {
    const judge = async (body: Buffer) => {
      const answer = await post(target, body);
      const code = answer.text.includes('"invalid_encoding"') ? 'invalid_encoding' : 'invalid_json';
      await refused(target, answer, { status: 400, code });
    };
    await Promise.all(bodies.map(judge));
  });
}

row(
  'H16',
  'the ways are many and different, and one character more or less would be a good body',
  async () => {
    const bodies = [...bodiesThatAreNoJson(GOOD).values()].flat().map((body) => body.toString('latin1'));
    assert.ok(new Set(bodies).size >= 150, `${new Set(bodies).size} different bodies`);
    assert.equal((await post(target, Buffer.from(GOOD))).status, 200);
  },
);

const UNREAD: Readonly<Record<string, readonly string[]>> = {
  H12: [
    'application/json; charset=utf-16',
    'application/json; charset=utf-7',
    'application/json; charset=latin1',
  ],
  H13: [
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/xml',
    '',
  ],
};
for (const [id, types] of Object.entries(UNREAD)) {
  row(id, 'a body that does not say it is JSON in UTF-8 is not read', async () => {
    for (const type of types) {
      const answer = await post(target, Buffer.from(GOOD), { 'content-type': type });
      await refused(target, answer, { status: 415, code: 'unsupported_media_type' });
    }
  });
}
