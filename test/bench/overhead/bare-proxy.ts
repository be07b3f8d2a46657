import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';
import express, { type Request, type Response } from 'express';
import { Pool } from 'undici';

/** The least that a forwarding proxy on Express can do: read the JSON body, send it on, hand back what comes. */
const pool = new Pool(process.env.MODEL_URL ?? '', { connections: 256, pipelining: 1 });
const app = express();
app.use(express.json({ limit: '4mb' }));

app.post('/v1/chat/completions', async (request: Request, response: Response) => {
  const { statusCode, headers, body } = await pool.request({
    path: request.path,
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(request.body),
  });
  response.status(statusCode).set('content-type', String(headers['content-type']));
  if (request.body.stream !== true) response.send(Buffer.from(await body.arrayBuffer()));
  else await pipeline(body, response);
});

const server = app.listen(0, '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});
server.keepAliveTimeout = 120_000;
