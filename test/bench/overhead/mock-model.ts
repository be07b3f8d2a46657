import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A model that costs next to nothing: the same bytes for everyone. `PACE` in the prompt cuts the stream into 5 ms steps. */
const CHUNKS = 60;
const PACE_MS = 5;
const SENTENCE =
  'For an adult with newly found hypertension, confirm the reading at home over two weeks, start lifestyle measures, ' +
  'check potassium, creatinine and an ECG, and begin amlodipine 5 mg once daily if the mean stays above 140/90 mmHg. ' +
  'Review after four weeks; add an ACE inhibitor when the target is not reached, and refer for secondary causes when ' +
  'the potassium is low, the patient is under 40, or the pressure does not answer to three drugs. ';
const TEXT = SENTENCE.repeat(3).slice(0, 1_020);
const USAGE = { prompt_tokens: 210, completion_tokens: 240, total_tokens: 450 };
const HEAD = { id: 'chatcmpl-mock', created: 1_750_000_000, model: 'mock', system_fingerprint: 'fp_mock' };

const whole = Buffer.from(
  JSON.stringify({
    ...HEAD,
    object: 'chat.completion',
    choices: [
      { index: 0, message: { role: 'assistant', content: TEXT }, logprobs: null, finish_reason: 'stop' },
    ],
    usage: USAGE,
  }),
);
const frames = framesOf();
const stream = Buffer.concat(frames);

const server = createServer((request, response) => {
  let body = '';
  request.setEncoding('latin1');
  request.on('data', (piece: string) => {
    body += piece;
  });
  request.on('end', () => {
    if (!body.includes('"stream":true')) answer(response, 'application/json', whole);
    else if (body.includes('PACE')) pace(response);
    else answer(response, 'text/event-stream', stream);
  });
});
server.keepAliveTimeout = 120_000;
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});

function framesOf(): readonly Buffer[] {
  const size = Math.ceil(TEXT.length / CHUNKS);
  const head = { ...HEAD, object: 'chat.completion.chunk' };
  const choice = (delta: object, finish: string | null) => [
    { index: 0, delta, logprobs: null, finish_reason: finish },
  ];
  const chunks: object[] = [{ ...head, choices: choice({ role: 'assistant', content: '' }, null) }];
  for (let at = 0; at < CHUNKS; at++) {
    chunks.push({ ...head, choices: choice({ content: TEXT.slice(at * size, (at + 1) * size) }, null) });
  }
  chunks.push({ ...head, choices: choice({}, 'stop') }, { ...head, choices: [], usage: USAGE });
  const payloads = [...chunks.map((chunk) => JSON.stringify(chunk)), '[DONE]'];
  return payloads.map((payload) => Buffer.from(`data: ${payload}\n\n`));
}

function answer(response: ServerResponse, type: string, bytes: Buffer): void {
  response.writeHead(200, { 'content-type': type, 'content-length': bytes.length });
  response.end(bytes);
}

function pace(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  let at = 0;
  const timer = setInterval(() => {
    response.write(frames[at]);
    at += 1;
    if (at < frames.length) return;
    clearInterval(timer);
    response.end();
  }, PACE_MS);
}
